// What lies in the packaged extension, as npm run package left it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENGINE_TARGETS, ownTarget } from '../support/tools.ts';

const root = new URL('../../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
const vsix = new URL(`quantscope-${version}.vsix`, root);

const target = ownTarget();
const ENGINE = 'extension/dist/engine/';

/** Without the engine: the largest parts are the pictures of the README, the pages and the texts to measure with. */
const MAX_BYTES = 1_500_000;
/** What the engine adds for each platform: llama.cpp for every processor, and its kernels for Vulkan where there are any. */
const MAX_ENGINE_BYTES: Readonly<Record<string, number>> = {
  'linux-x64': 28e6,
  'linux-arm64': 7e6,
  'win32-x64': 27e6,
  'win32-arm64': 4e6,
  'darwin-x64': 11e6,
  'darwin-arm64': 5e6,
};

describe('the package', () => {
  it('was made', () => {
    expect(existsSync(vsix), 'run `npm run package` first; `npm test` does').toBe(true);
  });

  it('holds the bundles, the pictures and the documents, and nothing else', async () => {
    const files = filesIn(vsix).filter((name) => !name.startsWith(ENGINE));
    await expect(`${files.join('\n')}\n`).toMatchFileSnapshot('contents.txt');
  });

  it.skipIf(target === undefined)('holds llama.cpp for this platform, and nothing for another', async () => {
    const files = filesIn(vsix).filter((name) => name.startsWith(ENGINE));
    await expect(`${files.join('\n')}\n`).toMatchFileSnapshot(`engine-${target}.txt`);
  });

  it('is small', () => {
    const engineBytes = target === undefined ? 0 : (MAX_ENGINE_BYTES[target] ?? 0);
    expect(statSync(vsix).size).toBeLessThan(MAX_BYTES + engineBytes);
  });

  it('is bounded for every platform that has an engine', () => {
    expect(Object.keys(MAX_ENGINE_BYTES).sort()).toEqual([...ENGINE_TARGETS].sort());
  });
});

/** Names in a zip archive, from its central directory. */
function filesIn(archive: URL): string[] {
  const bytes = readFileSync(archive);
  const names: string[] = [];
  const CENTRAL_ENTRY = 0x02014b50;
  const END = 0x06054b50;
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  expect(bytes.readUInt32LE(end)).toBe(END);
  let at = bytes.readUInt32LE(end + 16);
  while (bytes.readUInt32LE(at) === CENTRAL_ENTRY) {
    const [name, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
    names.push(bytes.toString('utf8', at + 46, at + 46 + (name ?? 0)));
    at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return names.sort();
}
