import type { ChildProcess } from 'node:child_process';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'vitest';
import { nodeWarnings } from '../run-node.ts';

const script = (name: string): string => join(import.meta.dirname, 'scripts', name);

/** How a process ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

/** Runs `scripts/drive.mjs`: a process of its own for each call. @param place - where it kills itself, and at which event there */
export function drive(experiment: string, dir: string, place: readonly (string | number)[] = []): Promise<Ended> {
  return ended(spawn(process.execPath, [script('drive.mjs'), experiment, dir, ...place.map(String)], { stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Runs a script of these in a process group of its own, and kills the whole group when it has told of `events` events. It is further by then. */
export function killFromOutside(name: 'drive.mjs' | 'restore.mjs', experiment: string, dir: string, events: number): Promise<Ended> {
  const child = spawn(process.execPath, [script(name), experiment, dir], { stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32' });
  let told = 0;
  child.stdout.on('data', (data: Buffer) => {
    const before = told;
    told += data.toString().split('\n').length - 1;
    if (before < events && told >= events) killGroup(child);
  });
  return ended(child);
}

/** The process that leads a group, and every process in it. */
function killGroup(child: ChildProcess): void {
  if (process.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL');
  else process.kill(-child.pid, 'SIGKILL');
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  expect(stderr).toBe('');
  return { code, signal, stdout };
}

/** What the process of `scripts/restore.mjs` answers. */
type Answer = { readonly statuses: readonly string[] } | { readonly error: string };

/** A process that restores one experiment after another: what was killed is always continued in another process. */
export class Restorer {
  readonly #child = fork(script('restore.mjs'), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  #answered: (answer: Answer) => void = () => {};
  #stderr = '';

  constructor() {
    this.#child.stderr?.on('data', (data: Buffer) => (this.#stderr += data.toString()));
    this.#child.on('message', (answer) => this.#answered(answer as Answer));
    this.#child.on('exit', (code) => this.#answered({ error: `it exited with ${code}: ${this.#stderr}` }));
  }

  /** One at a time. @returns the status of each trial @throws when `Tuner.restore` or `fit()` does */
  async restore(experiment: string, dir: string): Promise<readonly string[]> {
    const answer = await new Promise<Answer>((resolve) => {
      this.#answered = resolve;
      this.#child.send([experiment, dir]);
    });
    if ('error' in answer) throw new Error(`restore: ${answer.error}`);
    return answer.statuses;
  }

  async close(): Promise<void> {
    const over = this.#child.exitCode === null ? once(this.#child, 'exit') : undefined; // not `close`: it never comes after a disconnect
    if (this.#child.connected) this.#child.disconnect();
    await over;
    expect(nodeWarnings(this.#stderr)).toEqual([]);
  }
}
