// Opens one file in memory and says what came of it, for the tables of these tests.
import type { ProblemCode } from '../../../src/core/base/problem.ts';
import type { Opened } from '../../../src/core/formats/model.ts';
import { openModel } from '../../../src/core/formats/openModel.ts';
import { memoryFolder } from '../../support/safetensorsWriter.ts';

export const open = (file: Uint8Array): Opened =>
  openModel(memoryFolder({ 'm.safetensors': file }), 'm.safetensors');

/** Every code once, in the order of the problems. */
export const codes = ({ problems }: Opened): ProblemCode[] => [...new Set(problems.map(({ code }) => code))];

export const states = ({ model }: Opened): Record<string, string> =>
  Object.fromEntries((model?.tensors ?? []).map(({ name, state }) => [name, state]));

/** The JSON of an F32 vector of 2 with these fields instead of its own. */
export const entry = (fields: object): string =>
  JSON.stringify({ dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields });
