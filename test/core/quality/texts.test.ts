// The texts that are shipped to measure on: results name them by their hashes, so that a change would break comparisons.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatCount } from '../../../src/core/base/units.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../media/texts');
const SHA256 = {
  'code.txt': '9f8a1beb263c19c43fa19afa0b3a81ac44287e1c30059eb5acc278c73e2378a9',
  'english.txt': '00ed4684b49df1c7232b701b592130cda4e120f845ad5e733cda3d22980109c1',
  'languages.txt': '81028a8b91b606fdf80321a321e6949f972c1119fe05e4e6c261c9ec106ee401',
};

describe('the texts to measure on', () => {
  it('are those whose results are known', () => {
    const texts = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
    const hashes = texts.map((name) => {
      const bytes = readFileSync(path.join(FOLDER, name));
      return [name, createHash('sha256').update(bytes).digest('hex')] as const;
    });
    expect(Object.fromEntries(hashes)).toEqual(SHA256);
  });

  it.each(Object.keys(SHA256))('%s is UTF-8, and its size and licence are stated', (name) => {
    const bytes = readFileSync(path.join(FOLDER, name));
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).not.toThrow();
    const readme = readFileSync(path.join(FOLDER, 'README.md'), 'utf8');
    const row = readme.split('\n').find((line) => line.startsWith(`| ${name} |`));
    expect(row).toContain(`| ${formatCount(bytes.length)} |`);
    expect(row).toMatch(/public domain|MIT/);
  });
});
