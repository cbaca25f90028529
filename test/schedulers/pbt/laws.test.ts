import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PopulationState } from '../../../schedulers/pbt/population.ts';
import { pbt } from '../../../schedulers/pbt.ts';
import { rng } from '../../../src/base/rng.ts';
import type { Decision, Scheduler } from '../../../src/schedule/scheduler.ts';
import type { Searcher } from '../../../src/search/searcher.ts';
import type { Config } from '../../../src/space/config.ts';
import { contains } from '../../../src/space/contains.ts';
import { choice, randint, uniform } from '../../../src/space/domains.ts';
import { sample } from '../../../src/space/sample.ts';
import { compileSpace } from '../../../src/space/space.ts';
import { pbtOracle, type Told } from '../../../src/testing/oracles/pbt.ts';
import type { JournalLine } from '../../../src/trial/events.ts';
import { hasEnded } from '../../../src/trial/lifecycle.ts';
import { toLoss } from '../../../src/trial/metrics.ts';
import type { Simulated } from '../../../src/tuner/simulate.ts';
import { simulate } from '../../../src/tuner/simulate.ts';
import { weightsWorld } from './weights-world.ts';

const space = compileSpace({ lr: uniform(0, 1), batch: randint(1, 9), kind: choice(['a', 'b', 'c']), kept: uniform(0, 1) });
const hyperparamMutations = { lr: uniform(0, 2), batch: randint(1, 20), kind: ['a', 'b', 'c'] };

interface Given {
  readonly seed: number;
  readonly samples: number;
  readonly workers: number;
  readonly steps: number;
  readonly perturbationInterval: number;
  readonly quantileFraction: number;
  readonly burnIn: number;
  readonly synch: boolean;
  /** Of ten steps. */
  readonly failing: number;
  readonly diverging: number;
  readonly maxFailures: number;
  /** 0: everything takes equally long, so that everything happens at once. */
  readonly spread: number;
  readonly frequency: number;
  readonly numToKeep: number | undefined;
  readonly worsening: boolean;
  readonly limit: number;
}

const given = (more: Partial<{ [K in keyof Given]: fc.Arbitrary<Given[K]> }> = {}): fc.Arbitrary<Given> =>
  fc.record({
    seed: fc.nat(1000),
    samples: fc.integer({ min: 1, max: 8 }),
    workers: fc.integer({ min: 1, max: 8 }),
    steps: fc.integer({ min: 1, max: 12 }),
    perturbationInterval: fc.integer({ min: 1, max: 4 }),
    quantileFraction: fc.constantFrom(0, 0.1, 0.25, 0.5),
    burnIn: fc.integer({ min: 0, max: 4 }),
    synch: fc.boolean(),
    failing: fc.constantFrom(0, 0, 1, 3),
    diverging: fc.constantFrom(0, 0, 2, 8),
    maxFailures: fc.integer({ min: 0, max: 2 }),
    spread: fc.constantFrom(0, 1, 9),
    frequency: fc.integer({ min: 0, max: 3 }),
    numToKeep: fc.constantFrom(undefined, 1, 2),
    worsening: fc.boolean(),
    limit: fc.constantFrom(2, 3, 100),
    ...more,
  });

/** Draws, and has at most `limit` trials that have not ended. */
const drawing = (limit: number): Searcher => ({
  name: 'drawing',
  suggest({ index, samples, rng: stream, history }) {
    if (index >= samples) return { kind: 'done' };
    const live = Array.from({ length: history.length }, (_, row) => history.at(row)).filter(({ state }) => state === 'running').length;
    return live >= limit ? { kind: 'wait' } : { kind: 'config', config: sample(space, stream) };
  },
});

type Weights = readonly string[];

interface Played extends Simulated {
  readonly told: readonly Told[];
}

async function play(g: Given): Promise<Played> {
  const { perturbationInterval, quantileFraction, burnIn, synch } = g;
  const pbtHere = pbt({ perturbationInterval, quantileFraction, burnIn, synch, hyperparamMutations });
  let steps = 0;
  const draw = (...key: (string | number)[]) => rng(g.seed).fork('world', ...key);
  const { world, scheduler } = weightsWorld<Weights, PopulationState>(
    {
      steps: g.steps,
      fresh: [],
      train: (weights, config, step) => [...weights.slice(0, step - 1), JSON.stringify(config)],
      loss(weights, config, step) {
        if (draw('nan', JSON.stringify(config), step).int(10) < g.diverging) return Number.NaN;
        return (g.worsening ? weights.length : 0) + draw('loss', weights.join()).int(3);
      },
      seconds: (run, step) => {
        if ((steps += 1) > 5000) throw new Error('this has no end');
        return 1 + draw('seconds', run.trial, step).int(1 + g.spread);
      },
      fails: (run, step) => draw('fails', run.run, step).int(30) < g.failing,
    },
    pbtHere,
  );
  const simulation = {
    ...{ space, samples: g.samples, seed: g.seed, searcher: drawing(g.limit), workers: g.workers, maxFailures: g.maxFailures, world },
    scheduler: scheduler as Scheduler,
    objectives: [{ metric: 'loss', mode: 'min' }] as const,
    checkpoints: { frequency: g.frequency, atEnd: false, ...(g.numToKeep === undefined ? {} : { numToKeep: g.numToKeep }) },
  };
  const simulated = await simulate(simulation);
  return { ...simulated, told: simulated.lines.flatMap(toldOf) };
}

/** What the scheduler was told, and answered. */
function toldOf(line: JournalLine): readonly Told[] {
  const decisions = (line.decisions ?? []) as unknown as readonly Decision[];
  switch (line.kind) {
    case 'reported':
      return [{ event: { ...line, losses: [toLoss(line.metrics['loss'] as number, 'min')], metrics: {} }, decisions }];
    case 'queued':
    case 'started':
    case 'checkpointed':
    case 'paused':
    case 'exploited':
    case 'completed':
    case 'stopped':
    case 'failed':
    case 'idle':
    case 'exhausted':
    case 'stalled':
      return [{ event: line, decisions }];
    default:
      return [];
  }
}

type Exploit = Decision & { kind: 'exploit' };
const isExploit = (decision: Decision): decision is Exploit => decision.kind === 'exploit';

describe('in random worlds, waiting for each other or not', () => {
  test('every trial ends, and no decision lapses but by a failure', async () => {
    await fc.assert(
      fc.asyncProperty(given(), async (g) => {
        const { experiment, warnings } = await play(g);
        expect(experiment.rows).toHaveLength(g.samples);
        for (const { status } of experiment.rows) expect(hasEnded(status)).toBe(true);
        if (g.failing === 0) expect(warnings).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('a source is one of the best and has saved since it was compared, a target is one of the worst, as the oracle says', async () => {
    let exploits = 0;
    await fc.assert(
      fc.asyncProperty(given(), async (g) => {
        const { told } = await play(g);
        for (const [i, { decisions, event }] of told.entries()) {
          const chosen = decisions.filter(isExploit);
          if (chosen.length === 0 && event.kind !== 'reported' && event.kind !== 'paused') continue;
          const { upper, lower, checkpoints } = pbtOracle(told.slice(0, i + 1), g);
          expect(upper.filter((trial) => lower.includes(trial))).toEqual([]);
          for (const { trial, from, checkpoint } of chosen) {
            expect([lower.includes(trial), upper.includes(from)]).toEqual([true, true]);
            expect(checkpoint).toBe(checkpoints.get(from));
            exploits += 1;
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(exploits).toBeGreaterThan(500);
  });

  test('together, everybody who is among the worst goes on from another, once one of the best is saved', async () => {
    await fc.assert(
      fc.asyncProperty(given({ synch: fc.constant(true) }), async (g) => {
        const { told } = await play(g);
        for (const [i, { decisions }] of told.entries()) {
          if (!decisions.some(({ kind }) => kind === 'resume' || kind === 'exploit')) continue;
          const { upper, lower, checkpoints } = pbtOracle(told.slice(0, i + 1), g);
          const targets = decisions.filter(isExploit).map(({ trial }) => Number(trial));
          expect(targets).toEqual(upper.some((trial) => checkpoints.has(trial)) ? [...lower].sort((a, b) => a - b) : []);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('its configuration lies in the space, and is that of the source where nothing is explored', async () => {
    await fc.assert(
      fc.asyncProperty(given(), async (g) => {
        const { told } = await play(g);
        for (const [i, { decisions }] of told.entries()) {
          for (const { trial, from, config } of decisions.filter(isExploit)) {
            const source = pbtOracle(told.slice(0, i + 1), g).configs.get(from) as Config;
            expect(trial).not.toBe(from);
            expect(contains(space, config)).toBe(true);
            expect(config['kept']).toBe(source['kept']);
            const [was, is] = [source['batch'] as number, config['batch'] as number];
            expect(was).toSatisfy(Number.isInteger);
            expect(is).toSatisfy(Number.isInteger);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('numToKeep deletes no checkpoint that an exploit still needs', async () => {
    await fc.assert(
      fc.asyncProperty(given(), async (g) => {
        const { lines } = await play(g);
        const gone = new Set<string>();
        for (const line of lines) {
          if (line.kind === 'checkpointed') for (const name of line.removed ?? []) gone.add(`${line.trial}/${name}`);
          if (line.kind === 'exploited') expect(gone.has(`${line.from}/${line.source}`)).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a quantile of 0, or one member, copies nobody', async () => {
    await fc.assert(
      fc.asyncProperty(given(), fc.boolean(), async (g, alone) => {
        const { told } = await play(alone ? { ...g, samples: 1 } : { ...g, quantileFraction: 0 });
        expect(told.flatMap(({ decisions }) => decisions).filter(isExploit)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('together, who arrives when does not matter', async () => {
    await fc.assert(
      fc.asyncProperty(
        given({ synch: fc.constant(true), failing: fc.constant(0), limit: fc.constant(100) }),
        fc.nat(9),
        fc.integer({ min: 1, max: 8 }),
        async (g, spread, workers) => {
          const outcome = async (world: Given) =>
            (await play(world)).experiment.rows.map(({ config, last, lineage }) => ({ config, loss: last?.['loss'], lineage }));
          expect(await outcome({ ...g, spread, workers })).toEqual(await outcome(g));
        },
      ),
      { numRuns: 100 },
    );
  });
});
