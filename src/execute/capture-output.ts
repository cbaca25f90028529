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

/** As `process.stderr.write`: a text or bytes, then perhaps an encoding and a function. */
export type Write = (...parts: unknown[]) => boolean;

/**
 * What this thread prints goes into files of the trial that runs: `stdout` and `stderr` in its directory, made with their
 * first byte; a trial that is echoed is shown too, a whole line at a time, each with its name. While none runs (a module
 * that loads), everything is only shown: standard output belongs to the script.
 *
 * @param current - the running trial, if one runs
 * @param show - writes to the standard error of the script
 * @returns `trialEnded`: shows what is left of its last line
 */
export function captureOutput(current: () => Printing | undefined, show: Write): { trialEnded(): void } {
  const printer = trialPrinter(show);
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (...parts: unknown[]): boolean => {
      const trial = current();
      if (trial === undefined || !printer.print(trial, name, parts[0], parts[1])) return show(...parts);
      const written = parts.find((part) => typeof part === 'function') as (() => void) | undefined;
      if (written) process.nextTick(written);
      return true;
    };
  }
  return {
    trialEnded() {
      const trial = current();
      if (trial) printer.end(trial);
    },
  };
}

export interface TrialPrinter {
  /** Whether the file took it. */
  print(trial: Printing, file: 'stdout' | 'stderr', chunk: unknown, encoding?: unknown): boolean;
  /** Shows what is left of its last line. */
  end(trial: Printing): void;
}

/** Appends what trials print to their files, and shows that of those which are echoed. */
export function trialPrinter(show: Write): TrialPrinter {
  const echoes = { stdout: lineEcho(show), stderr: lineEcho(show) };
  return {
    print(trial, file, chunk, encoding) {
      if (!append(trial.dir, file, chunk, encoding)) return false;
      if (trial.echo) echoes[file].take(trial.name, chunk, encoding);
      return true;
    },
    end({ name }) {
      for (const echo of Object.values(echoes)) echo.end(name);
    },
  };
}
/** Whether the file took it. A full disk must not make console.log throw, nor what it was given disappear. */
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
