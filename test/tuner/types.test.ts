/** Checked by the compiler (`npm run types`): the calls are never made. */
import { expectTypeOf, test } from 'vitest';
import type { AutoMetrics, MetricName, ResultGrid, TrainableRef, TrialContext } from '../../src/index.ts';
import { choice, expr, gridSearch, loguniform, run, sampleFrom, Trainable, Tuner, uniform } from '../../src/index.ts';

interface TrainConfig {
  readonly lr: number;
  readonly momentum: number;
}
declare const train: TrainableRef<TrainConfig, { mean_accuracy: number; eval: { loss: number; best?: number } }>;
declare const optional: TrainableRef<{ lr: number; momentum?: number }>;
declare const untyped: TrainableRef;
const paramSpace = { lr: loguniform(1e-3, 1e-1), momentum: choice([0.8, 0.9, 0.99]) };

/** Type-checks `call` without making it. */
const compiles = (call: () => unknown): void => void call;

test('the best configuration has the type of the space', () =>
  compiles(async () => {
    const grid = await new Tuner(train, { paramSpace, tuneConfig: { metric: 'mean_accuracy', mode: 'max' } }).fit();
    expectTypeOf(grid.getBestResult().config).toEqualTypeOf<{ lr: number; momentum: 0.8 | 0.9 | 0.99 }>();
    expectTypeOf(grid.getBestConfig()).toEqualTypeOf<{ lr: number; momentum: 0.8 | 0.9 | 0.99 }>();
    for (const result of grid) expectTypeOf(result.config.momentum).toEqualTypeOf<0.8 | 0.9 | 0.99>();

    const written = await new Tuner(train, { paramSpace: { lr: 0.1, momentum: gridSearch([0.5, 0.9]) } }).fit();
    expectTypeOf(written.getBestConfig().momentum).toEqualTypeOf<0.5 | 0.9>();
  }));

test('of a function written in place too', () =>
  compiles(async () => {
    const tuner = new Tuner(
      async ({ lr }: { lr: number }, trial) => {
        expectTypeOf(trial.id).toEqualTypeOf<string>();
        await trial.report({ loss: lr });
      },
      { paramSpace: { lr: uniform(0, 1) } },
    );
    expectTypeOf((await tuner.fit()).getBestConfig()).toEqualTypeOf<{ lr: number }>();
  }));

test('a configuration that is enqueued may leave things out, and has no others', () =>
  compiles(async () => {
    const tuner = new Tuner(train, { paramSpace });
    expectTypeOf(await tuner.enqueue({ lr: 0.01 })).toEqualTypeOf<string>();
    await tuner.enqueue({ momentum: 0.9 });
    await tuner.enqueue({});
    // @ts-expect-error not one of its options
    await tuner.enqueue({ momentum: 0.5 });
    // @ts-expect-error no parameter of the space
    await tuner.enqueue({ momentun: 0.9 });
    await new Tuner(untyped, { paramSpace: { a: { b: uniform(0, 1), c: 3 } } }).enqueue({ a: { b: 0.5 } });
    await new Tuner(untyped).enqueue({ anything: [1] });
  }));

test('a conditional option narrows by its tag', () =>
  compiles(async () => {
    const space = {
      lr: uniform(0, 1),
      optimizer: choice([
        { kind: 'sgd', momentum: uniform(0, 1) },
        { kind: 'adam', beta: loguniform(0.1, 0.9) },
      ]),
    };
    const { optimizer } = (await new Tuner(untyped, { paramSpace: space }).fit()).getBestConfig();
    expectTypeOf(optimizer).toEqualTypeOf<{ kind: 'sgd'; momentum: number } | { kind: 'adam'; beta: number }>();
    if (optimizer.kind === 'sgd') expectTypeOf(optimizer.momentum).toEqualTypeOf<number>();
    // @ts-expect-error adam has no momentum
    else optimizer.momentum.toFixed();
  }));

test('a sampleFrom gives its return type, an expr a number', () =>
  compiles(async () => {
    const space = { lr: uniform(0, 1), name: sampleFrom(({ lr }: { lr: number }) => `lr ${lr}`), decay: expr('lr / 10') };
    const grid = await new Tuner(untyped, { paramSpace: space }).fit();
    expectTypeOf(grid.getBestConfig()).toEqualTypeOf<{ lr: number; name: string; decay: number }>();
  }));

test('a space must give what the trainable takes, and the message names the key', () =>
  compiles(() => {
    // @ts-expect-error Property 'momentum' is missing
    void new Tuner(train, { paramSpace: { lr: uniform(0, 1) } });
    // @ts-expect-error 'momentun' does not exist, and momentum is missing
    void new Tuner(train, { paramSpace: { lr: uniform(0, 1), momentun: 0.9 } });
    // @ts-expect-error momentum is text
    void new Tuner(train, { paramSpace: { lr: uniform(0, 1), momentum: choice(['low', 'high']) } });
    // @ts-expect-error "momentun" is not a key of the trainable's config
    void new Tuner(optional, { paramSpace: { lr: uniform(0, 1), momentun: 0.9 } });
    // @ts-expect-error a number is not text
    void new Tuner(({ lr }: { lr: string }) => Number(lr), { paramSpace: { lr: uniform(0, 1) } });
    // @ts-expect-error momentum is missing in the flat form too
    void run(train, { config: { lr: uniform(0, 1) }, metric: 'mean_accuracy', mode: 'max' });
    void new Tuner(optional, { paramSpace: { lr: uniform(0, 1) } });
    void new Tuner(train, { paramSpace: { ...paramSpace, half: expr('lr / 2') } });
  }));

test('metric and mode come together', () =>
  compiles(() => {
    // @ts-expect-error mode is missing
    void new Tuner(train, { paramSpace, tuneConfig: { metric: 'mean_accuracy' } });
    // @ts-expect-error metric is missing
    void new Tuner(train, { paramSpace, tuneConfig: { mode: 'max' } });
    // @ts-expect-error no mode is called so
    void new Tuner(train, { paramSpace, tuneConfig: { metric: 'mean_accuracy', mode: 'maximize' } });
    // @ts-expect-error mode is missing in the flat form too
    void run(train, { config: paramSpace, metric: 'mean_accuracy' });
    void new Tuner(train, { paramSpace, tuneConfig: { metric: ['mean_accuracy', 'eval/loss'], mode: ['max', 'min'] } });
    void new Tuner(train, { paramSpace, tuneConfig: { numSamples: 3 } });
  }));

test('with typed metrics a misspelt metric does not compile', () =>
  compiles(() => {
    // @ts-expect-error the metric is called mean_accuracy
    void new Tuner(train, { paramSpace, tuneConfig: { metric: 'mean_acuracy', mode: 'max' } });
    // @ts-expect-error eval has no accuracy
    void new Tuner(train, { paramSpace, tuneConfig: { metric: 'eval/accuracy', mode: 'max' } });
    // @ts-expect-error one of several
    void new Tuner(train, { paramSpace, tuneConfig: { metric: ['mean_accuracy', 'loss'], mode: 'max' } });
    // @ts-expect-error in the flat form too
    void run(train, { config: paramSpace, metric: 'acc', mode: 'max' });
    // @ts-expect-error in the grid too
    void new Tuner(train, { paramSpace }).fit().then((grid) => grid.getBestResult({ metric: 'acc', mode: 'max' }));
    void new Tuner(train, { paramSpace, tuneConfig: { metric: 'eval/best', mode: 'max' } });
    void new Tuner(train, { paramSpace, tuneConfig: { metric: 'time_total_s', mode: 'min' } });
    void new Tuner(untyped, { tuneConfig: { metric: 'anything', mode: 'min' } });
  }));

test('MetricName is every path to a number, and the automatic ones', () => {
  expectTypeOf<MetricName<{ a: number; b: { c: number } }>>().toExtend<'a' | 'b/c' | keyof AutoMetrics>();
  expectTypeOf<'a' | 'b/c' | 'time_total_s' | 'training_iteration'>().toExtend<MetricName<{ a: number; b: { c: number }; text: string }>>();
  expectTypeOf<MetricName<{ a: number; text: string }>>().not.toExtend<'text'>();
  expectTypeOf<MetricName<{ [key: string]: unknown }>>().toEqualTypeOf<string>();
});

test('a result has the automatic keys; those of the user may be missing', () =>
  compiles(async () => {
    const { metrics } = (await new Tuner(train, { paramSpace }).fit()).get(0);
    expectTypeOf(metrics.training_iteration).toEqualTypeOf<number>();
    expectTypeOf(metrics.checkpoint_dir_name).toEqualTypeOf<string | null>();
    expectTypeOf(metrics.done).toEqualTypeOf<boolean>();
    expectTypeOf(metrics.config.momentum).toEqualTypeOf<0.8 | 0.9 | 0.99>();
    expectTypeOf(metrics.mean_accuracy).toEqualTypeOf<number | undefined>();
    // @ts-expect-error it may be missing
    metrics.mean_accuracy.toFixed();
    // @ts-expect-error the metrics are typed
    metrics.accuracy;
  }));

test('a class is a trainable too', () =>
  compiles(async () => {
    class Counter extends Trainable<{ start: number }, { count: number }> {
      #count = 0;
      setup({ start }: { start: number }, trial: TrialContext<{ count: number }>): void {
        this.#count = start + trial.iteration;
      }
      step() {
        return { count: this.#count++ };
      }
      save(): void {}
      restore(): void {}
    }
    const grid = await new Tuner(Counter, { paramSpace: { start: gridSearch([1, 2]) }, tuneConfig: { metric: 'count', mode: 'max' } }).fit();
    expectTypeOf(grid.getBestResult().metrics.count).toEqualTypeOf<number | undefined>();
    // @ts-expect-error the metric is called count
    new Tuner(Counter, { paramSpace: { start: 1 }, tuneConfig: { metric: 'counts', mode: 'max' } });
  }));

test('run gives the same grid as fit', () =>
  compiles(async () => {
    const flat = await run(train, { config: paramSpace, metric: 'mean_accuracy', mode: 'max', numSamples: 3, stop: { training_iteration: 3 }, verbose: 0 });
    const nested = await new Tuner(train, { paramSpace, tuneConfig: { metric: 'mean_accuracy', mode: 'max' } }).fit();
    expectTypeOf(flat).toEqualTypeOf(nested);
    expectTypeOf(flat).toExtend<ResultGrid<{ lr: number; momentum: 0.8 | 0.9 | 0.99 }, { mean_accuracy: number; eval: { loss: number; best?: number } }>>();
    // @ts-expect-error no such option
    void run(train, { config: paramSpace, numSample: 3 });
    // @ts-expect-error no such option
    new Tuner(train, { paramSpace, tuneConfig: { numSample: 3 } });
    // @ts-expect-error no such option
    new Tuner(train, { paramSpace, runConfig: { storagepath: '' } });
  }));

test('a restored Tuner has the same types', () =>
  compiles(async () => {
    const restored = await Tuner.restore('dir', train, {
      paramSpace,
      tuneConfig: { numSamples: 9, metric: 'mean_accuracy', mode: 'max' },
      resumeErrored: true,
    });
    expectTypeOf((await restored.getResults()).getBestConfig()).toEqualTypeOf<{ lr: number; momentum: 0.8 | 0.9 | 0.99 }>();
    const plain = await Tuner.restore('dir', train, { tuneConfig: { numSamples: 9 } });
    expectTypeOf((await plain.getResults()).getBestConfig()).toEqualTypeOf<TrainConfig>();
    // @ts-expect-error no such option
    await Tuner.restore('dir', train, { resumeErored: true });
  }));

test('ask gives the configuration of the space', () =>
  compiles(async () => {
    const tuner = new Tuner(train, { paramSpace, tuneConfig: { metric: 'mean_accuracy', mode: 'max' } });
    const trial = await tuner.ask();
    if (trial === undefined) return;
    expectTypeOf(trial.config).toEqualTypeOf<{ lr: number; momentum: 0.8 | 0.9 | 0.99 }>();
    await tuner.tell(trial.id, { mean_accuracy: 1 });
    // @ts-expect-error no such metric
    await tuner.tell(trial.id, { accuracy: 1 });
    await trial.report({ mean_accuracy: 1 }, { constraints: [-1] });
    await tuner.tell(trial.id, 1, { constraints: [-1] });
    // @ts-expect-error nothing is saved in a loop by hand
    await trial.report(1, { checkpoint: () => {} });
  }));

test('a trainable that needs something of the space does not compile without one', () => {
  const needs = (config: { x: number }) => config.x;
  // @ts-expect-error paramSpace is missing
  compiles(() => new Tuner(needs, { tuneConfig: { metric: 'loss', mode: 'min' } }));
  compiles(() => new Tuner(() => 1, { tuneConfig: { metric: 'loss', mode: 'min' } }));
});
