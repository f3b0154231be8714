// What Debian's package manager can install for the tests, where it may.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian or one of its children, with the right to install. */
export const canInstall = () => existsSync('/etc/debian_version') && process.getuid?.() === 0;

/** Installs packages; whether it worked is for the caller to see. @param {string[]} packages */
export function aptInstall(...packages) {
  attempt('apt-get', ['update']);
  attempt('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
}

/** Runs a program in view of the user. @param {string} program @param {string[]} args */
export function attempt(program, args) {
  spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
