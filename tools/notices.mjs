// The licenses of what is bundled: their texts must travel with it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';
import { StepFailed } from './steps.mjs';

/** The words of the MIT license, which are this project's own, too. @param {readonly string[]} holders "2023-2026 The ggml authors" */
export function mitLicense(...holders) {
  const words = readFileSync(join(root, 'LICENSE'), 'utf8').replace(
    /^.*?(?=Permission is hereby granted)/s,
    '',
  );
  const copyrights = holders.map((holder) => `Copyright (c) ${holder}`).join('\n');
  return `MIT License\n\n${copyrights}\n\n${words.trim()}`;
}

/** Some of its files name other holders: those of llamafile's matrix products and of YaRN. */
export const GGML_LICENSE = mitLicense(
  '2023-2026 The ggml authors',
  '2024 Mozilla Foundation',
  '2023 Jeffrey Quesnelle and Bowen Peng',
);

/** Sections of a text, with a line between them. @param {readonly string[]} sections */
export const inSections = (sections) => `${sections.join(`\n\n${'─'.repeat(80)}\n\n`)}\n`;

/**
 * One text with the license of every package that a bundle took something from, and of the tables that were taken from ggml.
 * @param {readonly string[]} inputs paths from the root of the files that were bundled
 */
export function noticesOf(inputs) {
  const folders = inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  const sections = [...new Set(folders)].sort().map(noticeOf);
  const tables = `llama.cpp and ggml (MIT): the grids of the IQ types\n\n${GGML_LICENSE}`;
  return `Quantscope contains parts of these works.\n\n${inSections([...sections, tables])}`;
}

/** @param {string} folder of a package, from the root */
function noticeOf(folder) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const author = manifest.author?.name ?? manifest.author;
  const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry));
  const title = `${manifest.name} ${manifest.version} (${manifest.license})`;
  const text =
    file === undefined
      ? standardLicense(title, manifest.license, author)
      : readFileSync(join(root, folder, file), 'utf8').trim();
  return `${title}${author === undefined ? '' : `, by ${author}`}\n\n${text}`;
}

/** For packages that name their license and bring no text of it. @param {string} title @param {string} license @param {string | undefined} author */
function standardLicense(title, license, author) {
  if (license === 'MIT' && author !== undefined) return mitLicense(author);
  throw new StepFailed(`${title} brings no text of its license, so it cannot be bundled.`);
}
