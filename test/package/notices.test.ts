// The licenses of what is bundled, as the last build wrote them.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);

/** Some of the works that each file must speak of. */
const WORKS: Readonly<Record<string, readonly string[]>> = {
  'THIRD_PARTY_NOTICES.txt': ['chart.js', '@vscode/codicons', '@microsoft/fast-element', 'llama.cpp'],
  ...(existsSync(new URL('engine', dist)) && {
    'engine/LICENSES.txt': ['llama.cpp', '@node-llama-cpp', 'koffi'],
  }),
};

describe('the notices', () => {
  it.each(Object.entries(WORKS))('of %s have for every work a title and a license', (file, works) => {
    const text = readFileSync(new URL(file, dist), 'utf8').replace(/^.*\n\n/, '');
    const sections = text.split(/\n\n─+\n\n/);
    const untold = works.filter((work) => !sections.some((section) => section.startsWith(work)));
    expect(untold).toEqual([]);
    const unlicensed = sections.filter(
      (section) => !/^.+ \(.+\).*\n\n[^]*(Copyright|copyright)/.test(section),
    );
    expect(unlicensed).toEqual([]);
  });
});
