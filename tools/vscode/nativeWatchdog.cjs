// Stands in for the native module native-watchdog: an extension host ends when the server that started it is gone.
exports.start = (/** @type {number} */ pid) => {
  setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch {
      process.exit(87);
    }
  }, 1000).unref();
};
