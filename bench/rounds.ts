import type { Callback, Config, Searcher, Suggestion } from 'attune';

/** Lets one experiment run in rounds of trials, so that the raw parts can be measured in between, with everything warm. */
export class Rounds {
  readonly searcher: Searcher;
  readonly callback: Callback;
  /** Trials in all rounds. */
  readonly trials: number;
  private readonly starts: ReadonlyMap<number, Gate>;
  private readonly ends: ReadonlyMap<number, Gate>;
  private readonly sizes: readonly number[];
  private round = 0;
  private ended = 0;
  private failed = false;

  /** @param suggest - the configuration of each trial */
  constructor(sizes: readonly number[], suggest: (index: number) => Config) {
    const before = sizes.map((_, round) => sizes.slice(0, round).reduce((sum, size) => sum + size, 0));
    this.sizes = sizes;
    this.trials = sizes.reduce((sum, size) => sum + size, 0);
    this.starts = new Map(before.map((start) => [start, gate()]));
    this.ends = new Map(before.map((start, round) => [start + (sizes[round] ?? 0), gate()]));
    this.searcher = {
      name: 'rounds',
      suggest: ({ index }) => {
        if (index >= this.trials) return { kind: 'done' };
        const suggestion: Suggestion = { kind: 'config', config: suggest(index) };
        const start = this.starts.get(index);
        return start ? start.opened.then(() => suggestion) : suggestion;
      },
    };
    this.callback = {
      name: 'rounds',
      onEvent: ({ kind }) => {
        if (kind === 'failed') this.failed = true;
        if (kind === 'completed' || kind === 'failed') this.ends.get(++this.ended)?.open();
      },
    };
  }

  /** Runs the next round to the end of its last trial; how many milliseconds that took. */
  async next(): Promise<number> {
    const start = this.sizes.slice(0, this.round).reduce((sum, size) => sum + size, 0);
    const end = start + (this.sizes[this.round] ?? 0);
    this.round += 1;
    const began = performance.now();
    this.starts.get(start)?.open();
    await this.ends.get(end)?.opened;
    if (this.failed) throw new Error('a trial of the benchmark failed');
    return performance.now() - began;
  }
}

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** How long `act` takes, in milliseconds. */
export async function timed(act: () => void | Promise<void>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

/** The middle one; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
