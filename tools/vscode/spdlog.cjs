// Stands in for the native module @vscode/spdlog, which only installs with a compiler: writes VS Code's log files, and with
// them the text of its output channels.
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const LEVELS = /** @type {const} */ (['trace', 'debug', 'info', 'warn', 'error', 'critical']);

/** @param {string} _name @param {string} file */
function createLogger(_name, file) {
  let level = 2;
  let raw = false;
  mkdirSync(dirname(file), { recursive: true });
  /** @param {number} of @param {string} text */
  const write = (of, text) => {
    if (of >= level)
      appendFileSync(file, raw ? text : `${new Date().toISOString()} [${LEVELS[of]}] ${text}\n`);
  };
  const nothing = () => undefined;
  return {
    ...Object.fromEntries(LEVELS.map((name, of) => [name, (/** @type {string} */ text) => write(of, text)])),
    getLevel: () => level,
    setLevel: (/** @type {number} */ next) => void (level = next),
    clearFormatters: () => void (raw = true),
    setPattern: nothing,
    flush: nothing,
    drop: nothing,
  };
}

module.exports = {
  version: 0,
  setLevel: () => undefined,
  setFlushOn: () => undefined,
  shutdown: () => undefined,
  createRotatingLogger: async (/** @type {string} */ name, /** @type {string} */ file) =>
    createLogger(name, file),
  createAsyncRotatingLogger: async (/** @type {string} */ name, /** @type {string} */ file) =>
    createLogger(name, file),
};
