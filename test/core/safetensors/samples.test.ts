// Headers of the samples: what they are made of, as a golden text. Written anew with QUANTSCOPE_GOLDEN=write.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatBits, formatBytes, plural } from '../../../src/core/base/units.ts';
import { memorySource, type ModelFolder } from '../../../src/core/formats/byteSource.ts';
import type { Model } from '../../../src/core/formats/model.ts';
import { openModel } from '../../../src/core/formats/openModel.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
const PACKED = join(ROOT, 'test/samples/packed');

function diskFolder(path: string): ModelFolder {
  return {
    open(name) {
      const file = join(path, name);
      return existsSync(file) ? memorySource(readFileSync(file)) : null;
    },
  };
}

/** One paragraph per model: what it is, its types, its roles with their parts, its problems. */
function describeModel(title: string, path: string, fileName: string): string {
  const { model, problems } = openModel(diskFolder(path), fileName);
  const lines = [`# ${title}`];
  if (model !== null) lines.push(identity(model), ...types(model), ...roles(model));
  return [...lines, ...problems.map(({ severity, code, text }) => `${severity} ${code}: ${text}`)].join('\n');
}

function identity({ architecture, files, tensors, metadata }: Model): string {
  const layers = new Set(tensors.flatMap(({ place }) => (place.layer === null ? [] : [place.layer]))).size;
  return [architecture ?? 'no architecture', plural(files.length, 'file'), plural(tensors.length, 'tensor')]
    .concat([plural(layers, 'layer'), plural(metadata.length, 'entry', 'entries')])
    .join(', ');
}

function types({ tensors }: Model): string[] {
  const names = [...new Set(tensors.map(({ scheme }) => scheme.name))].sort();
  return names.map((name) => {
    const own = tensors.filter(({ scheme }) => scheme.name === name);
    const bytes = own.reduce((sum, { byteLength }) => sum + (byteLength ?? 0), 0);
    const weights = own.reduce((sum, { elementCount }) => sum + elementCount, 0);
    const parts = new Set(own.flatMap(partsOf));
    const made = parts.size === 0 ? '' : `; ${[...parts].join(', ')}`;
    return `${name}: ${plural(own.length, 'tensor')}, ${formatBytes(bytes)}, ${formatBits((bytes * 8) / weights)} bits${made}`;
  });
}

/** "codes qweight (I32)" of each part, layers and modules left out. */
function partsOf({ packed }: Model['tensors'][number]): string[] {
  return (packed?.parts ?? []).map(
    ({ use, tensor }) => `${use} ${tensor.place.part || tensor.place.role} (${tensor.scheme.name})`,
  );
}

function roles({ tensors }: Model): string[] {
  const parts = new Map<string, Set<string>>();
  for (const { place } of tensors) {
    const stack = place.stack === '' ? '' : `${place.stack}.`;
    const role = place.recognized ? place.role : `[${place.role}]`;
    const known = parts.get(stack + role) ?? new Set();
    parts.set(stack + role, known.add(place.part));
  }
  return [...parts].map(([role, own]) => `${role}: ${[...own].sort().join(' ')}`).sort();
}

function expectGolden(file: string, text: string): void {
  const golden = new URL(file, import.meta.url);
  if (process.env['QUANTSCOPE_GOLDEN'] === 'write') writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, 'utf8'));
}

test('the committed sample', () => {
  const text = describeModel('sotu-5m-fp8', join(ROOT, 'test/samples/sotu-5m-fp8'), 'model.safetensors');
  expectGolden('sample.txt', `${text}\n`);
});

test('the packed samples', () => {
  const folders = readdirSync(PACKED, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const texts = folders
    .map(({ name }) => name)
    .sort()
    .map((name) => describeModel(name, join(PACKED, name), 'model.safetensors'));
  expectGolden('packedSamples.txt', `${texts.join('\n\n')}\n`);
});
