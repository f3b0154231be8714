// Opens files made by chance until the time is up: npm run fuzz -- --seconds N --seed S. Ends with 1 at the first one that breaks.
import { parseArgs } from 'node:util';
import { loadKernel } from '../../src/node/diskAnalyzer.ts';
import { createRandom } from '../support/random.ts';
import { buildKernel, KERNEL_WASM } from '../support/tools.ts';
import { complaintOf } from './fuzz.ts';
import { hostilePacked } from './hostilePacked.ts';
import { packedComplaint } from './packedLook.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const seconds = Number(values.seconds ?? 60);
const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31);
if (!(seconds > 0) || !Number.isSafeInteger(firstSeed)) {
  console.error('Say how long and from which seed: npm run fuzz -- --seconds 60 --seed 1.');
  process.exit(64);
}

await buildKernel();
const kernel = loadKernel(KERNEL_WASM);
const end = performance.now() + seconds * 1000;
let seed = firstSeed;
for (; performance.now() < end; seed += 1) {
  const complaint = complaintOf(seed) ?? (await packedComplaint(hostilePacked(createRandom(seed)), kernel));
  if (complaint === null) continue;
  console.error(`Seed ${seed}: ${complaint}\nAgain with: npm run fuzz -- --seconds 1 --seed ${seed}`);
  process.exit(1);
}
console.log(`${(seed - firstSeed).toLocaleString('en-US')} files from seed ${firstSeed} on, nothing wrong.`);
