// One round of fuzzing: a seed makes a file, the file is opened, what comes back must make sense.
import { messageOf } from '../../src/core/base/failure.ts';
import { openComplaints } from '../support/openComplaints.ts';
import { createRandom } from '../support/random.ts';
import { hostileGguf } from './hostileGguf.ts';
import { hostilePacked } from './hostilePacked.ts';
import { hostileSafetensors } from './hostileSafetensors.ts';

/** The files that a seed makes; the first one is opened. */
export function filesOf(seed: number): Map<string, Uint8Array> {
  const random = createRandom(seed);
  if (random.once(4)) return hostilePacked(random);
  return random.once(3) ? hostileSafetensors(random) : new Map([['model.gguf', hostileGguf(random)]]);
}

/** What is wrong with how this seed's files are opened; null when nothing is. */
export function complaintOf(seed: number): string | null {
  try {
    const [complaint] = openComplaints(filesOf(seed));
    return complaint ?? null;
  } catch (error) {
    return `it throws ${messageOf(error)}${error instanceof Error ? `\n${error.stack}` : ''}`;
  }
}
