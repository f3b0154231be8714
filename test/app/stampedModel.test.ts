// When a model that was read is another on the disk: also when that happened while it was read.
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FileAccess } from '../../src/app/ports.ts';
import { openStamped } from '../../src/app/stampedModel.ts';
import { diskAccess } from '../../src/node/fileSource.ts';
import { ggufBytes, uint32 } from '../support/ggufWriter.ts';

const never = new AbortController().signal;
let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quantscope-stamped-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const tensors = [{ name: 'a.weight', dims: [32], type: 0 }];
const split = (no: number): Uint8Array =>
  ggufBytes({
    metadata: [
      { key: 'split.no', value: uint32(no) },
      { key: 'split.count', value: uint32(2) },
    ],
    tensors: [{ name: `blk.${no}.attn_q.weight`, dims: [32], type: 0 }],
  });
function write(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

/** The disk, on which something happens as soon as the bytes of a file were read. */
function whileRead(happens: () => void): FileAccess {
  return {
    ...diskAccess,
    withFolder: (path, use) =>
      diskAccess.withFolder(path, (inside, name) =>
        use(
          {
            open(file) {
              const source = inside.open(file);
              return (
                source && {
                  size: source.size,
                  read(offset, target) {
                    const count = source.read(offset, target);
                    happens();
                    return count;
                  },
                }
              );
            },
          },
          name,
        ),
      ),
  };
}

it.each<[string, (path: string) => void, boolean]>([
  ['nothing happened', () => undefined, false],
  ['it grew', (path) => writeFileSync(path, new Uint8Array(10), { flag: 'a' }), true],
  ['it is gone', (path) => rmSync(path, { force: true }), true],
  [
    'another file of the same size and time took its place',
    (path) => {
      cpSync(path, `${path}.new`, { preserveTimestamps: true });
      renameSync(`${path}.new`, path);
    },
    true,
  ],
  ['another file of the folder changed', () => write('other.gguf', ggufBytes({ tensors })), false],
])('when %s after it was read, or while it was, it is noticed', (_what, happens, stale) => {
  for (const isDuring of [false, true]) {
    const path = write('m.gguf', ggufBytes({ tensors }));
    const files = isDuring ? whileRead(() => happens(path)) : diskAccess;
    const { opened, isStale } = openStamped(files, path, never);
    if (!isDuring) happens(path);
    expect(opened.model?.tensors.length).toBe(1);
    expect(isStale()).toBe(stale);
  }
});

it('a shard that was missing makes the model stale when it comes', () => {
  const path = write('m-00001-of-00002.gguf', split(0));
  const { opened, isStale } = openStamped(diskAccess, path, never);
  expect(opened.problems.map(({ code }) => code)).toEqual(['shard-missing']);
  expect(isStale()).toBe(false);
  write('m-00002-of-00002.gguf', split(1));
  expect(isStale()).toBe(true);
});
