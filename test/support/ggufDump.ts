// A model as text that a person can review: header, metadata, tensors, problems.
import type { Opened } from '../../src/core/formats/model.ts';
import { bitsPerWeight } from '../../src/core/quant/scheme.ts';

export function dumpOpened({ model, problems }: Opened): string {
  const lines: string[] = [];
  if (model === null) lines.push('nothing could be read');
  else {
    lines.push(
      `${model.container} v${model.version}, ${model.endianness} endian, ${model.architecture}, ${model.name}`,
    );
    for (const { name, size, dataOffset, expectedSize } of model.files)
      lines.push(`file ${name}: ${size} bytes, data at ${dataOffset}, promises ${expectedSize}`);
    lines.push('', 'metadata');
    for (const { key, type, value, byteOffset } of model.metadata)
      lines.push(`  @${byteOffset} ${key} (${type}) = ${valueText(value)}`);
    lines.push('', 'tensors');
    for (const { name, place, scheme, shape, byteLength, byteOffset, file, state } of model.tensors) {
      const where = `${place.stack}${place.layer === null ? '' : `#${place.layer}`} ${place.role}`.trim();
      const bits = bitsPerWeight(scheme);
      lines.push(
        `  ${file}@${byteOffset} ${name} [${shape.join(', ')}] ${scheme.name}: ${byteLength} bytes, ${bits} bits, ${state}, ${where}`,
      );
    }
  }
  lines.push('', 'problems');
  for (const { severity, code, byteOffset, text, file } of problems)
    lines.push(`  ${severity} ${code} ${file}@${byteOffset}: ${text}`);
  return `${lines.join('\n')}\n`;
}

const MAX_SHOWN = 100;

function valueText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'itemType' in value) {
    const { itemType, count, byteOffset, byteLength } = value as Record<string, unknown>;
    return `${String(count)} × ${String(itemType)}, ${String(byteLength)} bytes at ${String(byteOffset)}`;
  }
  const text = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? 'undefined');
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)` : text;
}
