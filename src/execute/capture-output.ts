import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The trial whose prints are captured. */
export interface Printing {
  /** `6e465_00007` */
  readonly name: string;
  /** Absolute path of its directory. */
  readonly dir: string;
  /** Shows its lines on standard error too. */
  readonly echo: boolean;
}

/** The beginning of a line that is kept until its end comes, in code units. */
const MOST_HELD = 65_536;

type Write = (...parts: unknown[]) => boolean;

/**
 * What this thread prints goes into files of the trial that runs: `stdout` and `stderr` in its directory, made with their
 * first byte; a trial that is echoed is shown on standard error too, a whole line at a time, each with its name. While
 * none runs (a module that loads), everything goes to standard error: standard output belongs to the script.
 *
 * @param current - the running trial, if one runs
 * @returns `trialEnded`: shows what is left of its last line
 */
export function captureOutput(current: () => Printing | undefined): { trialEnded(): void } {
  const show = process.stderr.write.bind(process.stderr) as Write;
  const echoes = (['stdout', 'stderr'] as const).map((name) => {
    const echo = lineEcho(show);
    process[name].write = (...parts: unknown[]): boolean => {
      const trial = current();
      if (trial === undefined || !append(trial.dir, name, parts[0], parts[1])) return show(...parts);
      if (trial.echo) echo.take(trial.name, parts[0], parts[1]);
      const written = parts.find((part) => typeof part === 'function') as (() => void) | undefined;
      if (written) process.nextTick(written);
      return true;
    };
    return echo;
  });
  return {
    trialEnded() {
      const trial = current();
      if (trial) for (const echo of echoes) echo.end(trial.name);
    },
  };
}

/** Whether the files took it. A full disk must not make console.log throw, nor what it was given disappear. */
function append(dir: string, name: string, chunk: unknown, encoding: unknown): boolean {
  try {
    mkdirSync(dir, { recursive: true });
    if (typeof chunk === 'string') appendFileSync(join(dir, name), chunk, typeof encoding === 'string' ? { encoding: encoding as BufferEncoding } : {});
    else appendFileSync(join(dir, name), chunk as Uint8Array);
    return true;
  } catch {
    return false;
  }
}

/** Puts the name of the trial before each line. */
function lineEcho(show: Write): { take(name: string, chunk: unknown, encoding: unknown): void; end(name: string): void } {
  let decoder = new TextDecoder();
  let held = '';
  const say = (name: string, lines: readonly string[]): void => {
    if (lines.length > 0) show(lines.map((line) => `${name} | ${line}\n`).join(''));
  };
  return {
    take(name, chunk, encoding) {
      const bytes =
        typeof chunk === 'string' ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8') : (chunk as Uint8Array);
      const lines = (held + decoder.decode(bytes, { stream: true })).split('\n');
      held = lines.pop() ?? '';
      say(name, lines);
      if (held.length > MOST_HELD) this.end(name);
    },
    end(name) {
      if (held !== '') say(name, [held]);
      held = '';
      decoder = new TextDecoder();
    },
  };
}
