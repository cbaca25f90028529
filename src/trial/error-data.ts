import type { ErrorData } from './events.ts';

/** Causes deeper than this are cut: a chain may be circular. */
const MAX_CAUSES = 8;

/** Anything that was thrown, as data: errors keep name, message, code, stack and the chain of causes. Never throws. */
export function toErrorData(thrown: unknown): ErrorData {
  try {
    return convert(thrown, 0);
  } catch {
    return { name: 'Error', message: 'something was thrown that cannot be read' };
  }
}

function convert(thrown: unknown, depth: number): ErrorData {
  if (!isErrorLike(thrown)) return { name: 'NonError', message: `${show(thrown)} was thrown; throw an Error to keep the place where it happened` };
  const { name, message, stack, code, cause } = thrown;
  return {
    name: String(name),
    message: String(message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof stack === 'string' ? { stack } : {}),
    ...(cause !== undefined && depth < MAX_CAUSES ? { cause: convert(cause, depth + 1) } : {}),
  };
}

/** Errors of other realms and rebuilt ones count too, so not `instanceof`. */
function isErrorLike(value: unknown): value is { name: unknown; message: unknown; stack?: unknown; code?: unknown; cause?: unknown } {
  return typeof value === 'object' && value !== null && 'message' in value && 'name' in value;
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return `the object ${JSON.stringify(value)}`;
  return typeof value === 'function' ? `the function ${value.name}` : String(value);
}
