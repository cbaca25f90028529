import { spawn } from 'node:child_process';

export interface Ran {
  /** The exit code; the name of the signal that ended it; `ENOENT` and the like when it did not start; `ETIMEDOUT`. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** It is killed, and not waited for, after so long: a driver may hold it. Default: never. */
  readonly timeoutMs?: number;
}

/** Runs a command to its end, without a shell. Never rejects. */
export function runCommand(command: string, args: readonly string[], { env, timeoutMs }: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const output = { stdout: '', stderr: '' };
    const child = spawn(command, args, { ...(env === undefined ? {} : { env }), stdio: ['ignore', 'pipe', 'pipe'] });
    const giveUp = (): void => {
      child.kill('SIGKILL');
      child.unref();
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      done({ code: 'ETIMEDOUT', ...output });
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
    const done = (ran: Ran): void => {
      clearTimeout(timer);
      resolve(ran);
    };
    for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
    child.on('error', (error: NodeJS.ErrnoException) => done({ code: error.code ?? error.message, ...output }));
    child.on('close', (code, signal) => done({ code: code ?? signal ?? 'unknown', ...output }));
  });
}

/** The last lines that a command said, on stderr if it said anything there. */
export const lastLines = ({ stdout, stderr }: Ran, count: number): string => (stderr.trim() || stdout.trim()).split('\n').slice(-count).join('\n');

/** What pip says went wrong, in a line. */
export const pipError = (ran: Ran): string => /^ERROR: (.*?)\.?$/m.exec(ran.stderr)?.[1] ?? lastLines(ran, 1);
