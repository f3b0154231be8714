// What lies in the packaged extension, as npm run package left it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
const vsix = new URL(`quantscope-${version}.vsix`, root);

/** A download of a few seconds on a slow line; the largest parts are the pictures of the README and the page. */
const MAX_BYTES = 1_000_000;

describe('the package', () => {
  it('was made', () => {
    expect(existsSync(vsix), 'run `npm run package` first; `npm test` does').toBe(true);
  });

  it('holds the bundles, the pictures and the documents, and nothing else', async () => {
    await expect(`${filesIn(vsix).join('\n')}\n`).toMatchFileSnapshot('contents.txt');
  });

  it('is small', () => {
    expect(statSync(vsix).size).toBeLessThan(MAX_BYTES);
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
