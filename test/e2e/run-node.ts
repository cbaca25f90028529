import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const exec = promisify(execFile);

/** A warning of Node's. What we tell users ourselves is an `AttuneWarning`; that types are stripped is the news of Node 22 alone. */
const WARNING = /^\(node:\d+\) (?!AttuneWarning|ExperimentalWarning: Type Stripping).*/gm;

/** The warnings of Node in what a process wrote to stderr: a test that spawns by itself expects none. */
export const nodeWarnings = (stderr: string): readonly string[] => stderr.match(WARNING) ?? [];

/**
 * Runs this Node as a user would, and waits until the process has ended by itself.
 *
 * @returns what it printed
 * @throws when it ends with another code than 0, is still there after 100 s, or Node warned of something
 */
export async function runNode(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const printed = await exec(process.execPath, args, { ...options, timeout: 100_000, killSignal: 'SIGKILL' });
  expect(nodeWarnings(printed.stderr)).toEqual([]);
  return printed;
}
