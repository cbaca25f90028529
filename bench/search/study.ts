// Our side of bench/search.ts: reads one job as JSON from standard input, writes its answer as JSON to standard output.
import { text } from 'node:stream/consumers';
import { type Config, compileSpace, History, rng, type Searcher, sample, uniform } from 'attune';
import * as algorithms from 'attune/algorithms';
import { simulate } from 'attune/testing';
import { PROBLEMS, type Problem } from './problems.ts';

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
  | { readonly kind: 'suggestion'; readonly sampler: string; readonly trials: number };

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

  async ask(): Promise<Config> {
    const index = this.#history.length;
    const suggestion = await this.#searcher.suggest({
      ...{ space: this.#space, history: this.#history, index, objectives: 1, samples: Infinity, slots: 1, rng: rng(0).fork(index), stream: rng(0) },
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
    });
    if (suggestion.kind !== 'config') throw new Error(`expected a configuration, got ${suggestion.kind}`);
    return suggestion.config;
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

/** Milliseconds that a proposal takes after so many trials of ten floats: the median of 20, one trial after another. */
async function suggestion(make: () => Searcher, trials: number): Promise<number> {
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
  return took.sort((a, b) => a - b)[10] as number;
}

function problemOf(wanted: string): Problem {
  const found = PROBLEMS.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`expected the name of a problem, got ${wanted}`);
  return found;
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
      for (const seed of job.seeds) found.push(await values(problemOf(job.problem), searcherOf(job.sampler), seed, job));
      return found;
    }
    case 'points': {
      const { space, evaluate, flat } = problemOf(job.problem);
      const configs = Array.from({ length: job.points }, (_, i) => sample(compileSpace(space), rng(i)));
      return configs.map((config) => ({ flat: flat(config as never), loss: evaluate(config as never) }));
    }
    case 'seconds':
      return seconds(() => searcherOf(job.sampler), job.trials);
    default:
      return suggestion(() => searcherOf(job.sampler), job.trials);
  }
}

process.stdout.write(JSON.stringify(await answer(JSON.parse(await text(process.stdin)) as Job)));
