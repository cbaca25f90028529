/** Prints what a test asserts about a finished experiment, as the last line. */
export function printGrid(grid, more = {}) {
  const trials = [...grid].map(({ config, metrics, status, error, reason }) => ({
    config,
    metrics,
    status,
    reason,
    error: error && { code: error.code, message: error.message },
  }));
  console.log(JSON.stringify({ trials, ...more }));
}
