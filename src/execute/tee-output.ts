import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What this thread prints also goes into files of the trial that runs: `stdout` and `stderr` in its directory, made
 * with their first byte.
 *
 * @param currentDir - the directory of the running trial, if one runs
 */
export function teeOutput(currentDir: () => string | undefined): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    const write = stream.write.bind(stream) as (...parts: unknown[]) => boolean;
    stream.write = (chunk: unknown, ...rest: unknown[]): boolean => {
      const dir = currentDir();
      if (dir !== undefined) append(dir, name, chunk, rest[0]);
      return write(chunk, ...rest);
    };
  }
}

function append(dir: string, name: string, chunk: unknown, encoding: unknown): void {
  try {
    mkdirSync(dir, { recursive: true });
    if (typeof chunk === 'string') appendFileSync(join(dir, name), chunk, typeof encoding === 'string' ? { encoding: encoding as BufferEncoding } : {});
    else appendFileSync(join(dir, name), chunk as Uint8Array);
  } catch {
    // A full disk must not make console.log throw; the text still reaches the terminal.
  }
}
