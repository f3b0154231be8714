// A short run over packed checkpoints made by chance, with all that a page asks of them: always the same seeds.
import { beforeAll, expect, it } from 'vitest';
import type { Kernel } from '../../src/core/analysis/kernel.ts';
import { loadKernel } from '../../src/node/diskAnalyzer.ts';
import { createRandom } from '../support/random.ts';
import { buildKernel, KERNEL_WASM } from '../support/tools.ts';
import { hostilePacked } from './hostilePacked.ts';
import { packedComplaint } from './packedLook.ts';

const ROUNDS = 600;

let kernel: Kernel;
beforeAll(async () => {
  await buildKernel();
  kernel = loadKernel(KERNEL_WASM);
}, 60_000);

it(`shows the matrices of ${ROUNDS} checkpoints made by chance, or says why it cannot`, async () => {
  for (let seed = 1; seed <= ROUNDS; seed += 1) {
    const complaint = await packedComplaint(hostilePacked(createRandom(seed)), kernel);
    if (complaint !== null) expect.fail(`seed ${seed}: ${complaint}`);
  }
}, 120_000);
