import { spawn } from 'node:child_process';

export interface Ran {
  /** The exit code; the name of the signal that ended it; or `ENOENT` and the like when it did not start. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, without a shell. Never rejects. */
export function runCommand(command: string, args: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}): Promise<Ran> {
  return new Promise((done) => {
    const output = { stdout: '', stderr: '' };
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
    child.on('error', (error: NodeJS.ErrnoException) => done({ code: error.code ?? error.message, ...output }));
    child.on('close', (code, signal) => done({ code: code ?? signal ?? 'unknown', ...output }));
  });
}

/** The last lines that a command said, on stderr if it said anything there. */
export const lastLines = ({ stdout, stderr }: Ran, count: number): string => (stderr.trim() || stdout.trim()).split('\n').slice(-count).join('\n');

/** What pip says went wrong, in a line. */
export const pipError = (ran: Ran): string => /^ERROR: (.*?)\.?$/m.exec(ran.stderr)?.[1] ?? lastLines(ran, 1);
