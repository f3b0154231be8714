// Says what a command of the repository is doing and how long each step took; runs programs. Needs nothing installed.
import { spawn } from 'node:child_process';

export const seconds = (/** @type {number} */ since) =>
  `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * One step with its heading and time.
 * @template T @param {string} heading @param {() => T | Promise<T>} work @returns {Promise<T>}
 */
export async function step(heading, work) {
  const start = performance.now();
  console.log(`\n▸ ${heading}`);
  const result = await work();
  console.log(`  done in ${seconds(start)}`);
  return result;
}

/** How often progress is told where lines cannot be overwritten, in milliseconds. */
const QUIET_INTERVAL = 3000;
let lastTold = 0;

/** A line that the next one replaces on a terminal; in a log file one line every few seconds. @param {string} text */
export function progress(text) {
  if (process.stdout.isTTY) {
    process.stdout.write(`\r\x1b[2K  ${text}`);
  } else if (performance.now() - lastTold > QUIET_INTERVAL) {
    lastTold = performance.now();
    console.log(`  ${text}`);
  }
}

export function endProgress() {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[2K');
}

/** A step did not succeed; what to say is in the message, a stack trace would not help. */
export class StepFailed extends Error {}

/** Sends a failed command to its end with one sentence. @param {() => Promise<void>} command */
export async function runCommand(command) {
  try {
    await command();
  } catch (error) {
    endProgress();
    console.error(error instanceof StepFailed ? `\n✗ ${error.message}` : error);
    process.exitCode = 1;
  }
}

/**
 * Runs a program with its output on ours; rejects with StepFailed when it fails.
 * @param {string} program @param {string[]} args @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<void>}
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    child.on('error', (error) => reject(new StepFailed(`${program} could not be started: ${error.message}`)));
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(new StepFailed(`${[program, ...args].join(' ')} failed (${signal ?? `exit code ${code}`}).`));
    });
  });
}

/**
 * npm, as the one that started us where there is one: on Windows `npm` is a script that cannot be spawned.
 * @param {string[]} args @returns {[program: string, args: string[]]}
 */
export function npm(args) {
  const cli = process.env['npm_execpath'];
  return cli?.endsWith('.js') ? [process.execPath, [cli, ...args]] : ['npm', args];
}
