// Our side of bench/search.ts: reads one job as JSON from standard input, writes its answer as JSON to standard output.
import { text } from 'node:stream/consumers';
import { type Config, compileSpace, History, rng, type Searcher, sample, uniform } from 'attune';
import * as algorithms from 'attune/algorithms';
import { simulate } from 'attune/testing';
import { hypervolume2d } from '../../src/base/numeric/hypervolume.ts';
import type { MultiObjectiveProblem } from '../../src/testing/multi-objective-problems.ts';
import { FRONTS, type Problem, problemOf } from './problems.ts';

export interface Quality {
  readonly problem: string;
  /** A searcher of `attune/algorithms`. */
  readonly sampler: string;
  readonly trials: number;
  readonly workers: number;
  readonly seeds: readonly number[];
}

type Job =
  | ({ readonly kind: 'quality' } & Quality)
  | { readonly kind: 'points'; readonly problem: string; readonly points: number }
  | { readonly kind: 'seconds'; readonly sampler: string; readonly trials: number }
  | { readonly kind: 'suggestions' | 'stall' | 'heap'; readonly sampler: string; readonly trials: number };

/** The losses in the order in which trials ended; each takes 0.5 to 1.5 seconds of a virtual clock. */
async function values({ space, evaluate }: Problem, searcher: Searcher, seed: number, { trials, workers }: Quality): Promise<readonly number[]> {
  const { journal } = await simulate({
    space,
    searcher,
    trials,
    workers,
    seed,
    maxT: 1,
    curve: (config) => evaluate(config as never),
    durations: (config) => 0.5 + share(JSON.stringify(config)),
  });
  return journal.flatMap((line) => (line.kind === 'reported' ? [line.metrics['loss'] as number] : []));
}

/** In [0, 1): a number that has nothing to do with how good a configuration is. FNV-1a. */
function share(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

const TEN = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x${i}`, uniform(-5, 5)]));
const squares = (config: Config): number => Object.values(config).reduce<number>((sum, x) => sum + (x as number) ** 2, 0);

/** One trial after another, as a searcher sees them. */
class Study {
  readonly #space = compileSpace(TEN);
  readonly #history = new History(this.#space, 1);
  readonly #searcher: Searcher;

  constructor(searcher: Searcher) {
    this.#searcher = searcher;
  }

  tell(config: Config): void {
    const row = this.#history.add({ config, by: 'searcher', asked: this.#history.ended.length });
    this.#history.report(row, 1, [squares(config)]);
    this.#history.end(row, 'completed');
  }

  /** @param count - trials that are drawn at random */
  fill(count: number): void {
    for (let i = 0; i < count; i++) this.tell(sample(this.#space, rng(i)));
  }

  get size(): number {
    return this.#history.length;
  }

  async ask(): Promise<Config> {
    return (await this.timed()).config;
  }

  /** A proposal, and how many milliseconds it worked in one go, each time. */
  async timed(): Promise<{ readonly config: Config; readonly stretches: readonly number[] }> {
    const index = this.#history.length;
    const stretches: number[] = [];
    let began = performance.now();
    const suggestion = await this.#searcher.suggest({
      ...{ space: this.#space, history: this.#history, index, objectives: 1, samples: Infinity, slots: 1, rng: rng(0).fork(index), stream: rng(0) },
      breathe: async () => {
        stretches.push(performance.now() - began);
        await new Promise((resolve) => setImmediate(resolve));
        began = performance.now();
      },
    });
    stretches.push(performance.now() - began);
    if (suggestion.kind !== 'config') throw new Error(`expected a configuration, got ${suggestion.kind}`);
    return { config: suggestion.config, stretches };
  }
}

/** What so many trials of ten floats take, after a hundred of another study. */
async function seconds(make: () => Searcher, trials: number): Promise<number> {
  const run = async (count: number): Promise<void> => {
    const study = new Study(make());
    for (let i = 0; i < count; i++) study.tell(await study.ask());
  };
  await run(100);
  const began = performance.now();
  await run(trials);
  return (performance.now() - began) / 1000;
}

/** Milliseconds that each of 20 proposals takes after so many trials of ten floats, one trial after another, ascending. */
async function suggestions(make: () => Searcher, trials: number): Promise<readonly number[]> {
  const study = new Study(make());
  study.fill(trials);
  study.tell(await study.ask()); // the first reads everything
  const took: number[] = [];
  for (let round = 0; round < 20; round++) {
    const began = performance.now();
    const config = await study.ask();
    took.push(performance.now() - began);
    study.tell(config);
  }
  return took.sort((a, b) => a - b);
}

/** The longest that a proposal after so many trials of ten floats lets nobody else on, in milliseconds: the least of five, since others run here too. */
async function stall(make: () => Searcher, trials: number): Promise<number> {
  const study = new Study(make());
  study.fill(trials);
  study.tell(await study.ask());
  const longest: number[] = [];
  for (let round = 0; round < 5; round++) {
    const { config, stretches } = await study.timed();
    longest.push(Math.max(...stretches));
    study.tell(config);
  }
  return Math.min(...longest);
}

/** What is on the heap after so many trials of ten floats, and a proposal after each hundred, in bytes. */
async function heap(make: () => Searcher, trials: number): Promise<number> {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error('expected --expose-gc');
  const warm = new Study(make());
  warm.fill(100);
  await warm.ask();
  collect();
  const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const study = new Study(make());
  for (let filled = 0; filled < trials; filled += 100) {
    study.fill(100);
    await study.ask();
  }
  collect();
  const after = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  if (study.size < trials) throw new Error(`expected ${trials} trials, got ${study.size}`); // and they are still there
  return after - before;
}

/** The shares of the exact hypervolumes that so many trials reach. */
async function shares(problem: MultiObjectiveProblem, searcher: Searcher, seed: number, trials: number): Promise<readonly number[]> {
  const space = Object.fromEntries(problem.bounds.map(([lower, upper], i) => [`x${i}`, uniform(lower, upper)]));
  const curve = (config: Config): { readonly a: number; readonly b: number } => {
    const [a, b] = problem.evaluate(problem.bounds.map((_, i) => config[`x${i}`] as number));
    return { a, b };
  };
  const { journal } = await simulate({ space, searcher, trials, seed, maxT: 1, curve: curve as never, metric: ['a', 'b'], mode: ['min', 'min'] });
  const points = journal.flatMap((line) => (line.kind === 'reported' ? [[line.metrics['a'], line.metrics['b']] as unknown as readonly [number, number]] : []));
  return problem.hypervolumes.map(({ ref, value }) => hypervolume2d(points, ref) / value);
}

function searcherOf(name: string): Searcher {
  const make = (algorithms as unknown as Readonly<Record<string, (() => Searcher) | undefined>>)[name];
  if (make === undefined) throw new Error(`expected the name of a searcher, got ${name}`);
  return make();
}

async function answer(job: Job): Promise<unknown> {
  switch (job.kind) {
    case 'quality': {
      const found: (readonly number[])[] = [];
      const front = FRONTS.find(({ name }) => name === job.problem);
      for (const seed of job.seeds) {
        const searcher = searcherOf(job.sampler);
        found.push(await (front ? shares(front, searcher, seed, job.trials) : values(problemOf(job.problem), searcher, seed, job)));
      }
      return found;
    }
    case 'points': {
      const { space, evaluate, flat } = problemOf(job.problem);
      const configs = Array.from({ length: job.points }, (_, i) => sample(compileSpace(space), rng(i)));
      return configs.map((config) => ({ flat: flat(config as never), loss: evaluate(config as never) }));
    }
    case 'seconds':
      return seconds(() => searcherOf(job.sampler), job.trials);
    case 'stall':
      return stall(() => searcherOf(job.sampler), job.trials);
    case 'heap':
      return heap(() => searcherOf(job.sampler), job.trials);
    default:
      return suggestions(() => searcherOf(job.sampler), job.trials);
  }
}

process.stdout.write(JSON.stringify(await answer(JSON.parse(await text(process.stdin)) as Job)));
