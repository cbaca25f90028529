import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rng } from '../../src/base/rng.ts';
import type { Config, RunConfig, Scheduler, TrialContext, TuneConfig } from '../../src/index.ts';
import { inline, Trainable, Tuner, uniform } from '../../src/index.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const STEPS = 5;
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The weights of a trial after a step: random bytes, which nobody else has. */
function weightsOf(id: string, step: number): Uint8Array {
  const draw = rng(7).fork('weights', id, step);
  return Uint8Array.from({ length: 500 }, () => draw.int(256));
}

/** What a trial was given to go on from: `trial: step` of whose weights they are, by their hash. */
interface Given {
  readonly id: string;
  readonly iteration: number;
  readonly weights: string;
}

/** Whose weights these are. */
const owners = new Map<string, string>();
function remember(id: string, step: number): Uint8Array {
  const weights = weightsOf(id, step);
  owners.set(hash(weights), `${id.slice(-1)}: ${step}`);
  return weights;
}

/** Saves weights of its own at each step, and notes whose it was given. `at` is called before each report. */
const training = (given: Given[], at: (trial: TrialContext) => void = () => {}) =>
  async function train({ x }: Config, trial: TrialContext): Promise<void> {
    const weights = trial.checkpoint && readFileSync(join(trial.checkpoint.path, 'deep', 'weights'));
    given.push({ id: trial.id.slice(-1), iteration: trial.iteration, weights: weights ? (owners.get(hash(weights)) ?? 'nobody') : 'none' });
    while (trial.iteration < STEPS) {
      at(trial);
      const save = (dir: string): void => {
        mkdirSync(join(dir, 'deep'));
        writeFileSync(join(dir, 'deep', 'weights'), remember(trial.id, trial.iteration));
        writeFileSync(join(dir, 'step'), String(trial.iteration));
      };
      await trial.report({ loss: (x as number) + trial.iteration }, { checkpoint: save });
    }
  };

class Learner extends Trainable<{ x: number }> {
  static given: Given[] = [];
  private id = '';
  private at = 0;
  private context!: TrialContext;
  setup(_: { x: number }, trial: TrialContext): void {
    this.id = trial.id;
    this.context = trial;
  }
  step() {
    this.at = this.context.iteration + 1;
    return { loss: this.at, done: this.at === STEPS };
  }
  save(dir: string): void {
    writeFileSync(join(dir, 'weights'), remember(this.id, this.at));
  }
  restore(dir: string): void {
    const weights = owners.get(hash(readFileSync(join(dir, 'weights')))) ?? 'nobody';
    Learner.given.push({ id: this.id.slice(-1), iteration: this.context.iteration, weights });
  }
}

const scheduling = (decide: Scheduler<string[]>['decide']): Scheduler<string[]> => ({
  name: 'scheduling',
  uses: ['pause', 'resume', 'exploit'],
  init: () => [],
  decide,
});

/** Pauses every trial at step 2, and lets each go on when it has. */
const pausing = scheduling((state, event) => {
  if (event.kind === 'reported' && event.step === 2) return { state, decisions: [{ kind: 'pause', trial: event.trial, reason: 'rung' }] };
  return { state, decisions: event.kind === 'paused' ? [{ kind: 'resume', trial: event.trial, reason: 'on' }] : [] };
});

/** At its third report, trial 1 takes what trial 0 had after its second. */
const copying = scheduling((state, event) => {
  if (state.length > 0 || event.kind !== 'reported' || event.trial !== 1 || event.step !== 3) return { state, decisions: [] };
  const exploit = { kind: 'exploit', trial: event.trial, from: 0 as never, checkpoint: 'checkpoint_000001', config: { x: 0.5 }, reason: 'better' } as const;
  return { state: ['done'], decisions: [exploit] };
});

const runConfig = (more: RunConfig = {}): RunConfig => ({ storagePath, verbose: 0, executor: inline(), ...more });
const tuneConfig = (more: Partial<TuneConfig> = {}) => ({ metric: 'loss', mode: 'min', seed: 7, numSamples: 2, ...more }) as TuneConfig;
const tune = (train: ReturnType<typeof training>, name: string, tuned: Partial<TuneConfig> = {}, run: RunConfig = {}) =>
  new Tuner(train, { paramSpace: { x: uniform(0, 1) }, tuneConfig: tuneConfig(tuned), runConfig: runConfig({ name, ...run }) });

/** Every start goes on from the trial's own weights, of the very step it counts from. */
function checkOwn(given: readonly Given[], starts: number): void {
  expect(given).toHaveLength(starts);
  for (const { id, iteration, weights } of given) expect(weights).toBe(iteration === 0 ? 'none' : `${id}: ${iteration}`);
}

describe('a trial goes on with its own weights', () => {
  test('after a pause, several at a time', async () => {
    const given: Given[] = [];
    await tune(training(given), 'pause', { scheduler: pausing, numSamples: 4 }, { executor: inline({ workers: 3 }) }).fit();
    checkOwn(given, 8);
    expect(given.filter(({ iteration }) => iteration === 2)).toHaveLength(4);
  });

  test('after a retry', async () => {
    const given: Given[] = [];
    const failed = new Set<string>();
    const failing = (trial: TrialContext): void => {
      if (trial.iteration !== 3 || failed.has(trial.id)) return;
      failed.add(trial.id);
      throw new Error('once');
    };
    await tune(training(given, failing), 'retry', { numSamples: 3 }, { failureConfig: { maxFailures: 1 } }).fit();
    checkOwn(given, 6);
    expect(given.filter(({ iteration }) => iteration === 3)).toHaveLength(3);
  });

  test('after a restart of the driver', async () => {
    const given: Given[] = [];
    const abort = new AbortController();
    const stopping = training(given, (trial) => void (trial.id.endsWith('1') && trial.iteration === 2 && abort.abort()));
    const { experimentPath } = await tune(stopping, 'restart', {}, { executor: inline({ workers: 2 }) }).fit({ signal: abort.signal });
    await (await Tuner.restore(experimentPath, training(given), { runConfig: { verbose: 0 } })).fit();
    checkOwn(given, 4);
    expect(given.slice(2).every(({ iteration }) => iteration > 0)).toBe(true);
  });

  test('as a class', async () => {
    Learner.given = [];
    const scheduler = pausing;
    await new Tuner(Learner, { paramSpace: { x: uniform(0, 1) }, tuneConfig: tuneConfig({ scheduler }), runConfig: runConfig({ name: 'class' }) }).fit();
    checkOwn(Learner.given, 2);
  });
});

test('an exploited trial goes on with the very weights that were named', async () => {
  const given: Given[] = [];
  const grid = await tune(training(given), 'exploit', { scheduler: copying }).fit();
  expect(given).toEqual([
    { id: '0', iteration: 0, weights: 'none' },
    { id: '1', iteration: 0, weights: 'none' },
    { id: '1', iteration: 2, weights: '0: 2' },
  ]);
  for (const result of grid) for (const { checkpoint } of result.bestCheckpoints) await checkpoint.verify();
  const lines = journalOf(grid.experimentPath);
  const hashes = lines.flatMap((line) => (line.kind === 'checkpointed' ? [line.manifest] : []));
  expect(hashes.every((manifest) => /^[0-9a-f]{64}$/.test(manifest ?? ''))).toBe(true);
});

/** An experiment whose second trial was interrupted with its checkpoints 0, 1 and 2 on the disk. */
async function interrupted(): Promise<string> {
  const abort = new AbortController();
  const stopping = training([], (trial) => void (trial.id.endsWith('1') && trial.iteration === 2 && abort.abort())); // the next report saves, and ends it
  return (await tune(stopping, 'interrupted').fit({ signal: abort.signal })).experimentPath;
}
const whole = await interrupted();
let copies = 0;

/** Damages the checkpoints of the interrupted trial, and goes on. */
async function goOn(damage: (checkpoint: (n: number) => string) => void) {
  const path = join(storagePath, `damaged-${copies++}`);
  cpSync(whole, path, { recursive: true });
  const trial = join(path, readdirSync(path).find((name) => name.includes('_00001_')) ?? '');
  damage((n) => join(trial, `checkpoint_00000${n}`));
  const given: Given[] = [];
  const warnings: string[] = [];
  const hear = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', hear);
  const grid = await (await Tuner.restore(path, training(given), { runConfig: { loggers: [], verbose: 0 } })).fit();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', hear);
  expect([...grid].map(({ status, metrics }) => [status, metrics.training_iteration])).toEqual([
    ['TERMINATED', STEPS],
    ['TERMINATED', STEPS],
  ]);
  expect(journalOf(path).filter(({ kind }) => kind === 'failed')).toEqual([]);
  const steps = journalOf(path).flatMap((line) => (line.kind === 'reported' && line.trial === 1 ? [line.step] : []));
  expect(steps).toEqual([1, 2, 3, 4, 5]);
  if (isSealed(path)) for (const { checkpoint } of grid.get(1).bestCheckpoints) await checkpoint.verify();
  return { path, given, warnings: warnings.filter((text) => text.includes('checkpoint')), grid };
}

const isSealed = (path: string): boolean => journalOf(path).every((line) => line.kind !== 'checkpointed' || line.manifest !== undefined);

const weightsIn = (checkpoint: string): string => join(checkpoint, 'deep', 'weights');
const flip = (file: string): void => {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  writeFileSync(file, bytes);
};

describe('a damaged checkpoint is not used, and the one before it is', () => {
  test.each<readonly [string, (newest: string) => void, RegExp]>([
    ['one bit has flipped', (at) => flip(weightsIn(at)), /deep\/weights with 500 bytes of sha256 [0-9a-f]{64}, got 500 bytes of sha256 [0-9a-f]{64}\./],
    ['a file is shorter', (at) => truncateSync(weightsIn(at), 499), /deep\/weights with 500 bytes.*got 499 bytes/],
    ['a file is empty', (at) => truncateSync(weightsIn(at), 0), /got 0 bytes/],
    ['a file is longer', (at) => appendFileSync(weightsIn(at), 'x'), /got 501 bytes/],
    ['a file is missing', (at) => rmSync(weightsIn(at)), /deep\/weights with .*got no file/],
    ['a file has become a folder', (at) => (rmSync(join(at, 'step')), mkdirSync(join(at, 'step'))), /step with .*EISDIR/],
    ['the manifest is missing', (at) => rmSync(join(at, '.attune-manifest.json')), /\.attune-manifest\.json with sha256 [0-9a-f]{64}, got no file/],
    ['the manifest has changed', (at) => flip(join(at, '.attune-manifest.json')), /\.attune-manifest\.json with sha256 [0-9a-f]{64}, got sha256 [0-9a-f]{64}/],
    ['it is gone', (at) => rmSync(at, { recursive: true }), /got no file/],
    ['it is a file', (at) => (rmSync(at, { recursive: true }), writeFileSync(at, '')), /got no file/],
    ['its rename was lost', (at) => renameSync(at, at.replace('checkpoint_', '.tmp-checkpoint_')), /got no file/],
    [
      'it is the one before, with its manifest',
      (at) => (rmSync(at, { recursive: true }), cpSync(at.replace(/2$/, '1'), at, { recursive: true })),
      /manifest\.json with sha256 [0-9a-f]{64}, got sha256/,
    ],
  ])('%s', async (_, damage, message) => {
    const { given, warnings, path } = await goOn((checkpoint) => damage(checkpoint(2)));
    expect(given).toEqual([{ id: '1', iteration: 2, weights: '1: 2' }]);
    expect(warnings).toEqual([expect.stringMatching(message)]);
    expect(warnings[0]).toMatch(/_00001 goes on from checkpoint_000001: checkpoint .*checkpoint_000002/);
    expect(journalOf(path).find(({ kind }) => kind === 'retried')).toMatchObject({
      trial: 1,
      damaged: 'checkpoint_000002',
      error: { code: 'CHECKPOINT_DAMAGED' },
    });
  });

  test('and the one before that, and with none left the trial starts anew', async () => {
    const two = await goOn((checkpoint) => [1, 2].map((n) => flip(weightsIn(checkpoint(n)))));
    expect(two.given).toEqual([{ id: '1', iteration: 1, weights: '1: 1' }]);
    const three = await goOn((checkpoint) => [0, 1, 2].map((n) => flip(weightsIn(checkpoint(n)))));
    expect(three.given).toEqual([{ id: '1', iteration: 0, weights: 'none' }]);
    expect(three.warnings).toHaveLength(3);
    expect(three.warnings[2]).toContain('goes on from its start');
    expect(three.grid.get(1).bestCheckpoints.map(({ metrics }) => metrics.training_iteration)).toEqual([3, 4, 5]);
  });

  test('an exploit of it falls back to what the trial had itself', async () => {
    const given: Given[] = [];
    const damaging = (trial: TrialContext): void => {
      if (trial.id.endsWith('1') && trial.iteration === 2) for (const file of weightsOnDisk('damaged-source', '_00000_', 'checkpoint_000001')) flip(file);
    };
    const grid = await tune(training(given, damaging), 'damaged-source', { scheduler: copying }).fit();
    expect(given.at(-1)).toEqual({ id: '1', iteration: 2, weights: '1: 2' });
    expect(grid.get(1)).toMatchObject({ status: 'TERMINATED', config: { x: 0.5 } });
  });

  test('an exploit of one that is gone, too', async () => {
    const given: Given[] = [];
    const damaging = (trial: TrialContext): void => {
      if (!trial.id.endsWith('1') || trial.iteration !== 2) return;
      for (const file of weightsOnDisk('gone-source', '_00000_', 'checkpoint_000001')) rmSync(join(file, '..', '..'), { recursive: true });
    };
    const grid = await tune(training(given, damaging), 'gone-source', { scheduler: copying }).fit();
    expect(given.at(-1)).toEqual({ id: '1', iteration: 2, weights: '1: 2' });
    expect(grid.numTerminated).toBe(2);
  });
});

/** The weights of a checkpoint of an experiment that runs. */
function weightsOnDisk(experiment: string, trial: string, checkpoint: string): readonly string[] {
  const path = join(storagePath, experiment);
  const file = join(path, readdirSync(path).find((name) => name.includes(trial)) ?? '', checkpoint, 'deep', 'weights');
  return existsSync(file) ? [file] : [];
}

describe('what is no damage', () => {
  test.each<readonly [string, (newest: string) => void]>([
    ['a file that was added', (at) => writeFileSync(join(at, '.DS_Store'), 'x')],
    ['metadata', (at) => writeFileSync(join(at, '.metadata.json'), '{"note":1}')],
    ['a half-written sibling', (at) => mkdirSync(at.replace('checkpoint_000002', '.tmp-checkpoint_000003'))],
  ])('%s', async (_, change) => {
    const { given, warnings } = await goOn((checkpoint) => change(checkpoint(2)));
    expect([given, warnings]).toEqual([[{ id: '1', iteration: 3, weights: '1: 3' }], []]);
  });

  test('a checkpoint from before there were manifests', async () => {
    const { given, warnings } = await goOn((checkpoint) => {
      rmSync(join(checkpoint(2), '.attune-manifest.json'));
      const journal = join(checkpoint(2), '..', '..', 'journal.jsonl');
      writeFileSync(journal, readFileSync(journal, 'utf8').replaceAll(/,"manifest":"[0-9a-f]{64}"/g, ''));
    });
    expect([given, warnings]).toEqual([[{ id: '1', iteration: 3, weights: '1: 3' }], []]);
  });
});
