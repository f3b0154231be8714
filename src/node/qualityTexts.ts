// The texts to measure on: those that come with the extension, and files of the user.
import { open, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BundledText, TextChoice, Texts } from '../app/quality/qualityPlan.ts';
import { Failure, messageOf, notReadable } from '../core/base/failure.ts';
import { formatBytes } from '../core/base/units.ts';
import { shorten, visibleText } from '../core/base/visibleText.ts';

/** What the bundled ones are called, and what they are. */
export const BUNDLED: Record<BundledText, { readonly name: string; readonly what: string }> = {
  english: { name: 'English', what: 'speeches in the public domain' },
  code: { name: 'Code', what: 'TypeScript' },
  languages: { name: 'Languages', what: 'short stories in sixteen languages' },
};

/** Hours of measuring; it is held in memory some times over. */
const MAX_TEXT_BYTES = 64e6;
const MAX_NAME = 60;

/** @param folder of the bundled texts */
export function createTexts(folder: string): Texts {
  const pathOf = (choice: Exclude<TextChoice, { kind: 'held' }>): string =>
    choice.kind === 'file' ? choice.path : join(folder, `${choice.name}.txt`);
  const nameOf = (choice: TextChoice): string =>
    choice.kind === 'bundled'
      ? BUNDLED[choice.name].name
      : shorten(visibleText(choice.kind === 'file' ? basename(choice.path) : choice.name), MAX_NAME);
  return {
    async describe(choice) {
      const name = nameOf(choice);
      if (choice.kind === 'held') return { name, detail: formatBytes(Buffer.byteLength(choice.content)) };
      const size = await stat(pathOf(choice)).then(
        (found) => formatBytes(found.size),
        () => 'not there any more',
      );
      return { name, detail: choice.kind === 'file' ? size : `${size}, ${BUNDLED[choice.name].what}` };
    },
    async read(choice) {
      const name = nameOf(choice);
      if (choice.kind === 'held') return { name, content: choice.content };
      return { name, content: await textOf(pathOf(choice)) };
    },
  };
}

/** @throws Failure for what is no text */
async function textOf(path: string): Promise<string> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw notReadable(path, messageOf(error));
  });
  if (size > MAX_TEXT_BYTES)
    throw new Failure(
      'not-readable',
      `${basename(path)} has ${formatBytes(size)}; choose a text of at most ${formatBytes(MAX_TEXT_BYTES)}.`,
    );
  if (await isBinary(path))
    throw new Failure('not-readable', `${basename(path)} is not a text; choose a file of plain text.`);
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw notReadable(path, messageOf(error));
  });
}

const LOOKED_AT_BYTES = 8192;

async function isBinary(path: string): Promise<boolean> {
  const file = await open(path).catch((error: unknown) => {
    throw notReadable(path, messageOf(error));
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOKED_AT_BYTES), 0, LOOKED_AT_BYTES, 0);
    return buffer.subarray(0, bytesRead).includes(0);
  } finally {
    await file.close();
  }
}
