/** The value that a configuration has at `path` (`model/layers/0`), or `undefined`. Keys may themselves contain `/` or `.`. */
export function lookup(config: unknown, path: string): unknown {
  return walk(config, path.split('/'));
}

function walk(value: unknown, parts: readonly string[]): unknown {
  if (parts.length === 0) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  for (let taken = 1; taken <= parts.length; taken++) {
    const head = parts.slice(0, taken);
    const key = [head.join('/'), head.join('.')].find((name) => Object.hasOwn(value, name));
    if (key === undefined) continue;
    const found = walk((value as Record<string, unknown>)[key], parts.slice(taken));
    if (found !== undefined) return found;
  }
  return undefined;
}
