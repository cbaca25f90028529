import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pbt } from '../../schedulers/pbt.ts';
import { pbtReplay } from '../../schedulers/pbt-replay.ts';
import { rng } from '../../src/base/rng.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import type { Config } from '../../src/space/config.ts';
import { uniform } from '../../src/space/domains.ts';
import { sample } from '../../src/space/sample.ts';
import { compileSpace } from '../../src/space/space.ts';
import type { Ancestor, Lineage } from '../../src/trial/lineage.ts';
import type { Simulated } from '../../src/tuner/simulate.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { context } from '../schedule/play.ts';
import { type Training, weightsWorld } from './pbt/weights-world.ts';

const space = compileSpace({ lr: uniform(0, 1) });
const searcher: Searcher = {
  name: 'drawing',
  suggest: ({ index, samples, rng: stream }) => (index < samples ? { kind: 'config', config: sample(space, stream) } : { kind: 'done' }),
};

/** The weights are the configurations that trained them, step by step. */
const training = (seed: number): Training<readonly number[]> => ({
  steps: 20,
  fresh: [],
  train: (weights, { lr }) => [...weights, lr as number],
  loss: (weights) => weights.reduce((sum, lr) => sum + Math.abs(lr - 0.5), 0) + rng(seed).fork(weights.join()).next(),
});

async function play<S>(scheduler: Scheduler<S>, seed: number, more: { samples: number; workers: number; presets?: readonly Config[] }): Promise<Simulated> {
  const made = weightsWorld(training(seed), scheduler);
  const fixed = { space, seed, searcher, objectives: [{ metric: 'loss', mode: 'min' }] as const, checkpoints: { frequency: 0, atEnd: false, numToKeep: 1 } };
  return simulate({ ...fixed, ...more, world: made.world, scheduler: made.scheduler as Scheduler });
}

/** The losses of the weights that a trial ended up with, of those that it trained itself by their step. */
const lossesOf = ({ lines }: Simulated, trial: number): ReadonlyMap<number, number> => {
  const losses = new Map<number, number>();
  for (const line of lines) if (line.kind === 'reported' && line.trial === trial) losses.set(line.step, line.metrics['loss'] as number);
  return losses;
};

describe('the lineage of a trial', () => {
  test('is where its weights come from, and pbtReplay trains the same again, loss by loss', async () => {
    let longest = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.boolean(), async (seed, samples, workers, synch) => {
        const scheduler = pbt({ perturbationInterval: 3, quantileFraction: 0.5, synch, hyperparamMutations: { lr: uniform(0, 1) } });
        const population = await play(scheduler, seed, { samples, workers });
        for (const row of population.experiment.rows) {
          const lineage: Lineage = row.lineage ?? [{ trial: row.name, step: 0, config: row.config }];
          longest = Math.max(longest, lineage.length);
          expect(lineage.at(-1)).toMatchObject({ trial: row.name, config: row.config });
          const again = await play(pbtReplay(lineage), seed, { samples: 1, workers: 1, presets: [lineage[0]?.config ?? {}] });
          const replayed = again.experiment.rows[0];
          expect([replayed?.status, replayed?.config]).toEqual(['TERMINATED', row.config]);
          const [own, its] = [lossesOf(population, row.id), lossesOf(again, 0)];
          for (let step = (lineage.at(-1)?.step ?? 0) + 1; step <= 20; step++) expect(its.get(step)).toBe(own.get(step));
        }
      }),
      { numRuns: 40 },
    );
    expect(longest).toBeGreaterThan(4);
  });

  test('is a forest: it begins at step 0, and goes on where its parent’s did', async () => {
    const { experiment } = await play(pbt({ perturbationInterval: 2, hyperparamMutations: { lr: uniform(0, 1) } }), 5, { samples: 6, workers: 3 });
    for (const { lineage = [], name } of experiment.rows) {
      expect(lineage[0]?.step ?? 0).toBe(0);
      expect(lineage.map(({ step }) => step)).toEqual(lineage.map(({ step }) => step).sort((a, b) => a - b));
      if (lineage.length > 0) expect(lineage.at(-1)?.trial).toBe(name);
    }
    expect(experiment.rows.filter(({ lineage }) => lineage).length).toBeGreaterThan(1);
  });
});

describe('pbtReplay', () => {
  const lineage: Lineage = [
    { trial: 'a', step: 0, config: { lr: 0.1 } },
    { trial: 'b', step: 4, config: { lr: 0.2 } },
    { trial: 'c', step: 9, config: { lr: 0.3 } },
  ];
  const presets = [{ lr: 0.1 }];

  test('changes the configuration at the steps of the lineage, each from its own checkpoint', async () => {
    const { lines } = await play(pbtReplay(lineage), 1, { samples: 1, workers: 1, presets });
    const exploits = lines.flatMap((line) => (line.kind === 'exploited' ? [[line.trial, line.from, line.step, line.config['lr'], line.reason]] : []));
    expect(exploits).toEqual([
      [0, 0, 4, 0.2, 'step 4: goes on with configuration 2 of 3'],
      [0, 0, 9, 0.3, 'step 9: goes on with configuration 3 of 3'],
    ]);
    expect(lines.flatMap((line) => (line.kind === 'reported' ? [line.step] : []))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test('stops a trial that begins otherwise, and says what to give', async () => {
    const { experiment } = await play(pbtReplay(lineage), 1, { samples: 2, workers: 2, presets });
    expect(experiment.rows.map(({ status, reason }) => [status, reason?.by])).toEqual([
      ['TERMINATED', 'completed'],
      ['TERMINATED', 'pbtReplay'],
    ]);
    expect(experiment.rows[1]?.reason?.reason).toBe('it does not begin as the lineage does: give pointsToEvaluate: [lineage[0].config], and as many samples');
  });

  test('skips what trained for no step', () => {
    const [a, b] = lineage as [Ancestor, Ancestor];
    const scheduler = pbtReplay([a, b, { ...b, config: { lr: 0.9 } }]);
    let state = scheduler.init();
    const decide = (event: Parameters<typeof scheduler.decide>[1]) => {
      const outcome = scheduler.decide(state, event, { ...context, space });
      state = outcome.state;
      return outcome.decisions;
    };
    decide({ kind: 'queued', trial: 0 as never, config: { lr: 0.1 } });
    expect(decide({ kind: 'checkpointed', trial: 0 as never, step: 4, checkpoint: 'c' })).toMatchObject([{ kind: 'exploit', config: { lr: 0.9 } }]);
  });

  test.each<readonly [string, unknown, string]>([
    ['no array', 'x', 'pbtReplay: expected a lineage, entries { trial, step, config }, got "x".'],
    ['an empty one', [], 'got the steps of none.'],
    ['one without a configuration', [{ step: 0 }], 'got an array of 1.'],
    ['one that begins later', lineage.slice(1), 'expected a lineage whose steps begin with 0 and do not decrease, got the steps 4, 9.'],
    ['one that goes back', [...lineage, lineage[1]], 'got the steps 0, 4, 9, 4.'],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => pbtReplay(wrong as never)).toThrow(message);
  });

  test('refuses in new Tuner a configuration that the space lacks', () => {
    const check = (config: Config) => pbtReplay([{ trial: 'a', step: 0, config }]).check?.({ ...context, space });
    expect(() => check({ lr: 2 })).toThrow('pbtReplay: expected configurations in the space, got {"lr":2} from step 0 on.');
    expect(() => check({ lr: 1 })).not.toThrow();
  });
});
