/** Warnings of Node that are bugs of ours: each fails the run as an uncaught error. */
const BUGS = new Set([
  'MaxListenersExceededWarning',
  'TimeoutOverflowWarning',
  'TimeoutNegativeWarning',
  'TimeoutNaNWarning',
  'PromiseRejectionHandledWarning',
]);

process.on('warning', (warning) => {
  if (BUGS.has(warning.name)) throw warning;
});
