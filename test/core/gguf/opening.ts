// Opens GGUF files made for a test, alone in their folder.
import { memorySource, type ModelFolder } from '../../../src/core/formats/byteSource.ts';
import { openGguf } from '../../../src/core/formats/gguf/openGguf.ts';
import type { Opened } from '../../../src/core/formats/model.ts';
import { ggufBytes, type GgufSpec } from '../../support/ggufWriter.ts';

export const nothingElse: ModelFolder = { open: () => null };
export const openBytes = (bytes: Uint8Array): Opened =>
  openGguf(memorySource(bytes), 'model.gguf', nothingElse);
export const openSpec = (spec: GgufSpec): Opened => openBytes(ggufBytes(spec));
export const codes = ({ problems }: Opened): string[] => problems.map(({ code }) => code);
