import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { node, type Output, Projects } from '../loading/installed-project.ts';

/** What a terminal sees of a run that is interrupted, and what comes of the last line that it prints. */

let projects: Projects;
beforeAll(async () => {
  projects = await Projects.open();
});
afterAll(() => projects.close());

/** Six reports. With HOLD the third trial waits after its third report until it is told to stop, and the second one fails at its fourth. */
const train = (annotation: string): string => `
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable } from 'attune';

export const train = defineTrainable(import.meta.url, async function train({ x }${annotation}, trial) {
  const saved = trial.checkpoint ? Number(readFileSync(join(trial.checkpoint.path, 'state'), 'utf8')) : 0;
  if (saved !== trial.iteration) throw new Error('restored at ' + trial.iteration + ' from the state of ' + saved);
  while (trial.iteration < 6) {
    const step = trial.iteration + 1;
    if (process.env.HOLD && step === 4 && trial.id.endsWith('_00001')) throw new Error('out of luck');
    await trial.report({ loss: x + 1 / step }, { checkpoint: (dir) => writeFileSync(join(dir, 'state'), String(step)) });
    if (process.env.HOLD && step === 3 && trial.id.endsWith('_00002')) {
      await new Promise((_, reject) => trial.signal.addEventListener('abort', () => reject(trial.signal.reason)));
    }
  }
});
`;

const tune = (more = '', after = ''): string => `
import { fifo } from 'attune/schedulers';
import { hooks, run, threads, uniform } from 'attune';
import { train } from './MODULE';

const grid = await run(train, {
  ...{ config: { x: uniform(0, 1) }, metric: 'loss', mode: 'min', numSamples: 6, seed: 7, name: 'it goes on', verbose: 2 },
  ...{ executor: threads({ workers: 2 }), ${more} },
});
${after}
console.log(JSON.stringify({ interrupted: grid.interrupted, path: grid.experimentPath, trials: [...grid].map(({ status, metrics }) => [status, metrics.training_iteration]) }));
`;

/** A project in a folder whose name a shell has to be protected from. */
async function project(tuneScript: string, { typescript = false } = {}): Promise<{ readonly cwd: string; readonly start: readonly string[] }> {
  const extension = typescript ? 'ts' : 'mjs';
  const module = `train.${extension}`;
  const cwd = await projects.make(undefined, {
    name: "it's $HOME",
    files: { [module]: train(typescript ? ': { x: number }' : ''), [`tune.${extension}`]: tuneScript.replace('MODULE', module) },
    links: typescript ? ['tsx'] : [],
  });
  mkdirSync(join(cwd, 'node_modules/.bin'));
  symlinkSync('../attune/dist/cli.js', join(cwd, 'node_modules/.bin/attune'));
  return { cwd, start: [...(typescript ? ['--import', 'tsx'] : []), `tune.${extension}`] };
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly lines: readonly string[];
}

/** Starts the script, and sends `signal` once one trial has failed and another one waits for it. */
async function interrupted({ cwd, start }: { readonly cwd: string; readonly start: readonly string[] }, signal: NodeJS.Signals): Promise<Ended> {
  const child = spawn(process.execPath, start, { cwd, env: { ...process.env, HOLD: 'yes', NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let stdout = '';
  let reached = 0;
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (/_00001 failed |_00002 reported /.test(line) && ++reached === 4) child.kill(signal);
    if (line === 'once more') child.kill(signal);
  });
  const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal: killedBy, stdout, lines };
}

const shell = (cwd: string, command: string): Promise<Output> =>
  new Promise((done) => {
    execFile('sh', ['-c', command], { cwd, env: { ...process.env, NODE_OPTIONS: '' } }, (error, stdout, stderr) =>
      done({ stdout, stderr, code: error === null ? 0 : Number(error.code) }),
    );
  });

interface Line {
  readonly kind: string;
  readonly trial?: number;
  readonly step?: number;
}
const journal = (path: string): readonly Line[] =>
  readFileSync(join(path, 'journal.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
const stepsOf = (lines: readonly Line[], trial: number): readonly number[] =>
  lines.filter((line) => line.kind === 'reported' && line.trial === trial).map(({ step }) => step ?? 0);
const countOf = (lines: readonly Line[], kind: string): number => lines.filter((line) => line.kind === kind).length;

interface Said {
  readonly interrupted?: string;
  readonly path: string;
  readonly trials: readonly (readonly [string, number])[];
}
const said = (stdout: string): Said => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Said;

describe('the last line of a run that was interrupted works when it is pasted', () => {
  test.each([
    ['SIGINT', 130, false],
    ['SIGTERM', 143, true],
  ] as const)('%s, exit code %i, TypeScript: %s', { timeout: 240_000 }, async (signal, exitCode, typescript) => {
    const { cwd, start } = await project(tune(), { typescript });
    const { code, stdout, lines } = await interrupted({ cwd, start }, signal);
    expect(code).toBe(exitCode);
    const { path, ...grid } = said(stdout);
    expect(grid.interrupted).toBe(signal);
    expect(grid.trials[2]).toEqual(['RUNNING', 3]);
    const last = lines.at(-1) ?? '';
    expect(last).toBe(`npx attune resume '${path.replaceAll("'", "'\\''")}'`);

    const pasted = await shell(cwd, last);
    expect(pasted.code, pasted.stderr).toBe(0);
    expect(pasted.stdout).toBe('');
    expect(pasted.stderr).toContain('6 trials: 5 completed, 1 failed');
    const resumed = journal(path);
    expect(stepsOf(resumed, 2)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(countOf(resumed, 'queued')).toBe(6);

    const more = await shell(cwd, `${last} --num-samples 8 --errored`);
    expect(more.code, more.stderr).toBe(0);
    const whole = journal(path);
    expect(countOf(whole, 'completed')).toBe(8);
    for (let trial = 0; trial < 8; trial++) expect(stepsOf(whole, trial)).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await shell(cwd, `${last} --num-samples 3`)).stderr).toContain('RESTORE_MISMATCH');

    if (typescript) return;
    renameSync(join(cwd, 'train.mjs'), join(cwd, 'moved.mjs'));
    const gone = await shell(cwd, last);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain(`expected the module of the trainable "train" at ${join(cwd, 'train.mjs')}, got none`);
    expect(gone.stderr).toContain('Tuner.restore(');
  });

  test('with code that is not stored it is a line for a script', async () => {
    const { cwd, start } = await project(tune('callbacks: [hooks({})], scheduler: { ...fifo(), name: "mine" }'));
    const { stdout, lines } = await interrupted({ cwd, start }, 'SIGINT');
    const { path } = said(stdout);
    expect(lines.at(-2)).toBe('To go on with it, in a script that has its code; options holds its tuneConfig.scheduler "mine", runConfig.callbacks:');
    expect(lines.at(-1)).toBe(`const grid = await (await Tuner.restore(${JSON.stringify(path)}, train, options)).fit();`);
    const script = [
      "import { hooks, Tuner } from 'attune';",
      "import { fifo } from 'attune/schedulers';",
      "import { train } from './train.mjs';",
      'const options = { tuneConfig: { scheduler: { ...fifo(), name: "mine" } }, runConfig: { callbacks: [hooks({})] } };',
      lines.at(-1),
      'console.log(grid.interrupted, grid.numTerminated, grid.numErrors);',
    ];
    writeFileSync(join(cwd, 'paste.mjs'), script.join('\n'));
    expect((await node(cwd, 'paste.mjs')).stdout).toBe('undefined 5 1\n');
    const refused = await shell(cwd, `npx attune resume '${path.replaceAll("'", "'\\''")}'`);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'got one that needs code: tuneConfig.scheduler "mine", runConfig.callbacks. Hint: To go on with it, in a script that has its code',
    );
  });
});

describe('the exit code', () => {
  test('is that of the script when it sets one', async () => {
    const { code } = await interrupted(await project(tune('', 'process.exitCode = 7;')), 'SIGINT');
    expect(code).toBe(7);
  });

  test('is none with handleSignals: false, since nobody listens', async () => {
    expect(await interrupted(await project(tune('handleSignals: false')), 'SIGTERM')).toMatchObject({ code: null, signal: 'SIGTERM', stdout: '' });
  });

  test('is none after a second signal, which kills', async () => {
    const stuck = `
      import { writeSync } from 'node:fs';
      import { inline, run } from 'attune';
      process.once('SIGINT', () => writeSync(2, 'once more\\n'));
      await run(async (_, trial) => {
        for (let i = 0; i < 2; i++) await trial.report({ loss: 1 });
        writeSync(2, '3af6c_00002 reported \\n'.repeat(4));
        setInterval(() => {}, 1000);
        await new Promise(() => {});
      }, { metric: 'loss', mode: 'min', stopGraceS: 1000, executor: inline() });`;
    const { code, signal, lines } = await interrupted(await project(stuck), 'SIGINT');
    expect(lines).toContain('once more');
    expect([code, signal]).toEqual([null, 'SIGINT']);
  });
});
