import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runNode } from './run-node.ts';

const cwd = mkdtempSync(join(tmpdir(), 'attune-examples-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Runs an example. Its results go to a folder of its own, where it finds those of its earlier runs. */
const run = (name: string, env: Readonly<Record<string, string>> = {}) =>
  runNode(['--import', import.meta.resolve('tsx'), resolve(`examples/${name}.ts`)], { cwd, env: { ...process.env, ...env } });

describe('examples run, twice in a row', () => {
  test.each([
    ['01-quadratic', /^best of 200: x = /],
    ['03-class-trainable', /^6 of 6 trials went on from a checkpoint/],
    ['04-custom-searcher', /^after 150 steps: height 0\.0/],
    ['05-custom-scheduler', /^15 of 30 trials were stopped early; the first: "step 4: rank \d+ of \d+/],
    [
      '06-experiment-tracker',
      /^the tracker has 4 runs:\n.*FINISHED lr 0\.040 .*\n.*FAILED {3}lr 0\.872  loss 0\.128, 0\.016\n.*FINISHED .*\n.*FINISHED .*, 0\.695\n$/,
    ],
    ['07-npm-optimiser', /^after 80 trials: height 0\.(39|40)\d+ at x = /],
  ])('%s', async (name, expected) => {
    for (let time = 0; time < 2; time++) expect((await run(name)).stdout).toMatch(expected);
  });

  test('02-mnist, at reduced size', { timeout: 240_000 }, async () => {
    for (let time = 0; time < 2; time++) {
      const { stdout, stderr } = await run('02-mnist', { ATTUNE_QUICKSTART: 'small' });
      expect(stdout).toContain('best of 12 trials in 2 threads on wasm (CPU)');
      expect(stderr.match(/asha: rung \d+: rank \d+ of \d+/g)?.length).toBeGreaterThanOrEqual(3);
      const [, reported, again] = /reported (\S+), measured again (\S+)/.exec(stdout) ?? [];
      expect(again).toBe(reported);
      expect(stdout).toMatch(/this is a \d\n$/);
    }
  });

  test('09-population, at reduced size: the same schedule each time', { timeout: 240_000 }, async () => {
    const schedules = [];
    for (let time = 0; time < 2; time++) {
      const { stdout } = await run('09-population', { ATTUNE_QUICKSTART: 'small' });
      const schedule = [...stdout.matchAll(/^from epoch +(\d+) on: lr (\S+) +dropout (0\.\d\d) /gm)].map(([, ...columns]) => columns);
      expect(schedule.length).toBeGreaterThanOrEqual(2);
      const [, reported, again] = /reported (\S+), measured again (\S+)/.exec(stdout) ?? [];
      expect(again).toBe(reported);
      schedules.push(schedule);
    }
    expect(schedules[1]).toEqual(schedules[0]);
  });
});

test('10-analyse, at reduced size: the same analysis of the same directory', { timeout: 240_000 }, async () => {
  const analyses = [];
  for (let time = 0; time < 2; time++) {
    const { stdout } = await run('10-analyse', { ATTUNE_QUICKSTART: 'small' });
    for (const said of ['tune_analyzing_results: 9 trials: 9 stopped', 'no errors!', 'number of results: 9', '5 rows x 3 columns'])
      expect(stdout).toContain(said);
    expect(stdout).toMatch(/predicted class: \d, in truth: \d\n$/);
    analyses.push(stdout);
  }
  expect(analyses[1]).toBe(analyses[0]); // the second run has found the trials done
});

describe('08-mnist-gpu', () => {
  test('is the quickstart, but for the line with the backend and the comment on top', () => {
    const linesOf = (name: string) =>
      readFileSync(`examples/${name}.ts`, 'utf8')
        .replace(/^(\/\/.*\n)+/, '')
        .split('\n');
    const quickstart = linesOf('02-mnist');
    const differ = linesOf('08-mnist-gpu').flatMap((line, at) => (line === quickstart[at] ? [] : [[quickstart[at], line]]));
    expect(differ).toEqual([["const backend = 'wasm';", "const backend = 'tfjs-node-gpu';"]]);
  });

  test('runs, or says before any trial what it lacks', async ({ skip }) => {
    const { stdout, stderr } = await run('08-mnist-gpu', { ATTUNE_QUICKSTART: 'small' }).catch((error: { stdout: string; stderr: string }) => error);
    const lack = /BACKEND_UNAVAILABLE/.test(stderr) ? /expected the backend 'tfjs-node-gpu' to work, got: (.*) Hint: /.exec(stderr)?.[1] : undefined;
    if (lack !== undefined) expect(stdout).toBe('');
    skip(lack !== undefined, `NOT RUN ON A GPU: ${lack}`);
    expect(stdout).toMatch(/this is a \d\n$/);
  });
});
