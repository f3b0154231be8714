// Three kinds of tests: fast ones and pages side by side, then the real editor one file after the other, alone on the machine:
// it measures times.
import { configDefaults, defineConfig } from 'vitest/config';

const PAGES = 'test/webview/**/*.test.{ts,tsx}';
const EDITOR = 'test/vscode/**/*.test.ts';

export default defineConfig({
  test: {
    // Two cores are what a small CI machine has.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, PAGES, EDITOR],
          testTimeout: 20_000,
          expect: { poll: { timeout: 10_000 } },
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'pages',
          include: [PAGES],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'editor',
          include: [EDITOR],
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 15_000 } },
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
