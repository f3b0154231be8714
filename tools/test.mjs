// npm test: makes the clone ready, then checks everything, from types to the packaged extension in a real VS Code.
// Arguments go to vitest: npm test -- test/core runs the tests of one folder only.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';
import { run, runCommand, seconds, step, StepFailed } from './steps.mjs';

const packageProgram = (/** @type {string} */ path) => join(root, 'node_modules', path);
const node = (/** @type {string} */ program, /** @type {string[]} */ args) =>
  run(process.execPath, [packageProgram(program), ...args], { cwd: root });

await runCommand(async () => {
  const start = performance.now();
  const chosen = process.argv.slice(2);
  await setUp();
  if (chosen.length === 0) {
    await step('Types, lint, layout of the sources', checkSources);
  }
  // Only now: they need what the set-up installs.
  const { makePackage } = await import('./package.mjs');
  const { chromiumVersion, ensureChromium } = await import('./chromium.mjs');
  const { ensureVulkan } = await import('./vulkan.mjs');
  const { installVsCode } = await import('./vscode/install.mjs');
  await makePackage();
  await step('Browser', () => console.log(`  ${chromiumVersion(ensureChromium())}`));
  await step('Vulkan device', () => console.log(`  ${ensureVulkan()}`));
  await installVsCode();

  const report = join(root, 'out/test-report.json');
  mkdirSync(join(root, 'out'), { recursive: true });
  rmSync(report, { force: true });
  let failed = null;
  await step('Tests', () =>
    node('vitest/vitest.mjs', [
      ...['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ...chosen,
    ]).catch((/** @type {unknown} */ error) => (failed = error)),
  );
  if (!existsSync(report)) throw failed ?? new StepFailed('vitest wrote no report.');
  console.log(`\nEverything took ${seconds(start)}.`);
  const { success, numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  if (!success || failed !== null) process.exitCode = 1;
  const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
  console.log(`${numPassedTests} passed, ${numFailedTests + brokenFiles(testResults)} failed${skipped}`);
});

/** Lint takes as long as the two others. All end before the step does, so that none prints into the next one. */
async function checkSources() {
  const typesAndLayout = async () => {
    await node('typescript/bin/tsc', ['-b']);
    await node('prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']);
  };
  const results = await Promise.allSettled([
    typesAndLayout(),
    node('eslint/bin/eslint.js', ['.', '--max-warnings', '0']),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */

/** Files that failed outside of any test, as when an import fails. @param {TestFile[]} files */
function brokenFiles(files) {
  const broken = files.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return broken.length;
}
