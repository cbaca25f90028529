/**
 * Tells the user something by a warning of the process. Whoever has `verbose: 0` and says nothing by it asks first:
 * a callback that fails, such as a log that is lost, is told all the same.
 *
 * @param detail - shown below it, such as a stack
 */
export function warn(message: string, detail?: string): void {
  process.emitWarning(message, { type: 'AttuneWarning', ...(detail === undefined ? {} : { detail }) });
}
