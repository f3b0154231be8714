// What a checkpoint calls itself: architecture and name, from config.json or from the header.
import type { MetadataEntry } from '../model.ts';

/** config.json's model_type ("llama"), else its first class ("LlamaForCausalLM"), else what an image model's header says. */
export function architectureOf(metadata: readonly MetadataEntry[]): string | null {
  return (
    textOf(metadata, 'config.json', 'model_type') ??
    firstClass(metadata) ??
    textOf(metadata, 'config.json', 'text_config.model_type') ??
    textOf(metadata, 'header', 'modelspec.architecture')
  );
}

/** The repository the checkpoint was saved from, when it is one and not a folder on somebody's disk. */
export function nameOf(metadata: readonly MetadataEntry[]): string | null {
  const title = textOf(metadata, 'header', 'modelspec.title');
  const path = textOf(metadata, 'config.json', '_name_or_path') ?? '';
  // "owner/name" or "name"; a path has more pieces, or begins at a root, a home or a dot.
  const [, repository] = /^(?:[\w-][\w.-]*\/)?([\w-][\w.-]*)$/.exec(path) ?? [];
  return title ?? repository ?? null;
}

function textOf(metadata: readonly MetadataEntry[], source: string, key: string): string | null {
  const value = metadata.find((entry) => entry.key === key && entry.source === source)?.value;
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

function firstClass(metadata: readonly MetadataEntry[]): string | null {
  const json = textOf(metadata, 'config.json', 'architectures');
  return /^\["([^"\\]+)"/.exec(json ?? '')?.[1] ?? null;
}
