// What is promised to be fast, measured in one run: npm run bench, or only some parts: npm run bench -- analysis.
// Ends with 1 when a promise is broken.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure as measureHeader, type Reader } from './headerReaders.ts';
import { headers } from './headers.ts';
import { hostThread, measureHost } from './hostThread.ts';
import { type Line, print } from './lines.ts';
import { kernelSpeed } from './kernelSpeed.ts';
import { measureModel, modelAnalysis } from './modelAnalysis.ts';
import { packedHeaders } from './packedHeaders.ts';
import { packedSpeed } from './packedSpeed.ts';
import { tensorAnalysis } from './tensorAnalysis.ts';

/** @param folder for files of the measurement */
type Measurement = (folder: string) => Line[] | Promise<Line[]>;

const PARTS: Readonly<Record<string, readonly Measurement[]>> = {
  headers: [headers, packedHeaders],
  packed: [packedSpeed],
  analysis: [kernelSpeed, tensorAnalysis, modelAnalysis, hostThread],
};

/** What fresh processes measure, by inProcess. */
const JOBS: Readonly<Record<string, (...args: string[]) => Promise<unknown>>> = {
  header: (reader, path) => measureHeader(reader as Reader, path ?? ''),
  model: (...args) => measureModel(args),
  host: (...args) => measureHost(args),
};

const [first, job = '', ...args] = process.argv.slice(2);
if (first === 'measure') console.log(JSON.stringify(await JOBS[job]?.(...args)));
else process.exitCode = await run(process.argv.slice(2));

async function run(parts: readonly string[]): Promise<number> {
  const unknown = parts.find((part) => !(part in PARTS));
  if (unknown !== undefined) {
    console.error(`There is no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}.`);
    return 64;
  }
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-bench-'));
  let isKept = true;
  try {
    for (const [part, measurements] of Object.entries(PARTS)) {
      if (parts.length > 0 && !parts.includes(part)) continue;
      for (const measurement of measurements) {
        const lines = await measurement(folder);
        print(lines);
        isKept &&= lines.every(({ kept }) => kept);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return isKept ? 0 : 1;
}
