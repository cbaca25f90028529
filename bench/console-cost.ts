import { type Callback, consoleReporter, inline, type Terminal, Tuner, uniform } from 'attune';
import type { Measure } from './plan.ts';
import { reporter } from './trainables.ts';

/** Reports that make a second of a busy run. */
const REPORTS_PER_S = 10_000;

/**
 * The live table over a run whose trials report as fast as they can: the time that is spent in its callback and its frames,
 * as a share of a second with ten thousand reports. The terminal is one that takes everything and shows nothing.
 */
export async function consoleCost({ root, reports }: { readonly root: string; readonly reports: number }): Promise<Measure> {
  let frames = 0;
  let inFrames = 0;
  let inEvents = 0;
  let seen = 0;
  let bytes = 0;
  const timed = (act: () => void): number => {
    const began = performance.now();
    act();
    return performance.now() - began;
  };
  const terminal: Terminal = {
    stderr: {
      isTTY: true,
      columns: 120,
      rows: 50,
      write: (text) => (bytes += text.length) > 0,
      on() {},
      off() {},
      listenerCount: () => 0,
      getMaxListeners: () => 10,
      setMaxListeners() {},
    },
    env: {},
    now: () => performance.now(),
    every(ms, act) {
      const timer = setInterval(() => {
        const before = bytes;
        const took = timed(act);
        if (bytes === before) return; // nobody looked: that costs nothing worth a name
        inFrames += took;
        frames += 1;
      }, ms);
      return () => clearInterval(timer);
    },
    onExit: () => () => {},
    onResume: () => () => {},
    machine: () => ({ memory: { used: process.memoryUsage.rss(), total: 2 ** 34 }, cpus: 8, gpus: 0 }),
  };
  const shown = consoleReporter({ terminal });
  const watched: Callback = {
    name: 'watched',
    onEvent(event, view) {
      if (event.kind !== 'reported') return shown.onEvent(event, view);
      seen += 1;
      inEvents += timed(() => void shown.onEvent(event, view));
      return undefined;
    },
    [Symbol.asyncDispose]: () => shown[Symbol.asyncDispose]?.() ?? Promise.resolve(),
  };
  const trials = 200;
  const began = performance.now();
  await new Tuner(reporter, {
    paramSpace: { lr: uniform(0, 1), reports: Math.ceil(reports / trials) },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: trials, seed: 1 },
    runConfig: { executor: inline({ workers: 8 }), storagePath: root, name: 'console', verbose: 0, callbacks: [watched] },
  }).fit();
  const seconds = (performance.now() - began) / 1000;
  if (seen < reports || frames === 0) throw new Error(`expected ${reports} reports and some frames, got ${seen} and ${frames}`);
  const perReport = inEvents / seen;
  const perSecond = perReport * REPORTS_PER_S + inFrames / seconds;
  return {
    what: 'the live table, of a second with 10,000 reports',
    got: perSecond / 10,
    limit: 1,
    unit: '%',
    detail: `${(perReport * 1e6).toFixed(0)} ns a report, ${(inFrames / frames).toFixed(2)} ms a frame, ${(frames / seconds).toFixed(1)} frames a second`,
  };
}
