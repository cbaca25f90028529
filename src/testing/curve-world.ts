import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { Rng } from '../base/rng.ts';
import { rng } from '../base/rng.ts';
import type { Run } from '../execute/executor.ts';
import type { World } from '../execute/simulated.ts';
import { copyMetrics } from '../trainable/copy-metrics.ts';
import type { TrialId } from '../trial/ids.ts';
import type { Curve, Learner, Seconds } from './curve.ts';

/** What a world is made of; the numbers are checked. */
export interface CurveWorldOptions<C> {
  readonly curve: Curve<C>;
  readonly seed: number;
  /** The one metric of a curve that returns numbers; `undefined` when there are several. */
  readonly metric: string | undefined;
  readonly maxT: number;
  readonly durations: Seconds<C>;
  readonly startup: Seconds<C>;
  readonly stragglers: number;
  readonly failures: number | ((config: C, step: number, rng: Rng) => boolean);
}

/** What a run is while it lives. */
interface Live {
  /** Starts of this trial before this one: a step that failed need not fail again. */
  readonly attempt: number;
  /** How much longer than others it takes for everything: at least 1. */
  readonly slowness: number;
  state: unknown;
}

/** Learning curves, durations, stragglers and failures as a world: every draw is keyed by what it is about, none by who came first. */
export function curveWorld<C>({ curve, seed, metric, maxT, durations, startup, stragglers, failures }: CurveWorldOptions<C>): World {
  const root = rng(seed).fork('world');
  const starts = new Map<TrialId, number>();
  const lives = new Map<TrialId, Live>(); // the latest run of each
  const saved = new Map<string, unknown>();
  const learner: Learner<C> = typeof curve === 'function' ? stateless(curve) : curve;

  const configOf = (run: Run): C => run.config as C;
  const secondsOf = (what: 'duration' | 'startup', seconds: Seconds<C>, run: Run, step: number): number => {
    if (typeof seconds === 'number') return seconds;
    const given = seconds(configOf(run), step, root.fork(what, run.trial, step));
    if (typeof given === 'number' && given >= 0 && given < Number.POSITIVE_INFINITY) return given;
    throw wrong(what === 'duration' ? 'durations' : what, 'a finite number >= 0', given, run, step); // time would go back, or no longer on
  };
  const fails = (run: Run, step: number, attempt: number): boolean => {
    if (failures === 0) return false;
    const draw = root.fork('failure', run.trial, step, attempt);
    if (typeof failures === 'number') return draw.next() < failures;
    const given = failures(configOf(run), step, draw);
    if (typeof given === 'boolean') return given;
    throw wrong('failures', 'true or false', given, run, step);
  };

  function begin(run: Run): Live {
    const attempt = starts.get(run.trial) ?? 0;
    starts.set(run.trial, attempt + 1);
    const slowness = stragglers === 0 ? 1 : 1 + Math.abs(stragglers * root.fork('straggler', run.trial, run.step, attempt).normal());
    const known = run.checkpoint === undefined ? undefined : saved.get(run.checkpoint);
    const state = run.checkpoint === undefined ? learner.init(configOf(run), root.fork('init', run.trial)) : structuredClone(known);
    const live = { attempt, slowness, state };
    lives.set(run.trial, live);
    return live;
  }

  return {
    startup(run) {
      const { slowness } = begin(run);
      return slowness * secondsOf('startup', startup, run, run.step);
    },
    report(run, step) {
      const live = lives.get(run.trial) as Live; // `startup` comes first
      const seconds = live.slowness * secondsOf('duration', durations, run, step);
      if (step <= maxT && fails(run, step, live.attempt)) return { seconds, fails: `simulated failure at step ${step}` };
      const next = step > maxT ? undefined : learner.step(live.state, configOf(run), step, root.fork('curve', run.trial, step));
      if (next === undefined) return undefined;
      live.state = next.state;
      return { seconds, metrics: metricsOf(next.metrics, metric) };
    },
    save: (run, path) => void saved.set(path, structuredClone(lives.get(run.trial)?.state)),
    copy: (from, to) => void saved.set(to, saved.get(from)),
    remove: (path) => void saved.delete(path),
  };
}

const wrong = (option: string, expected: string, got: unknown, { trial }: Run, step: number): AttuneError =>
  new AttuneError('OPTION_RANGE', `simulate: expected ${option} to give ${expected}, got ${describe(got)} for trial ${trial} at step ${step}.`);

function stateless<C>(curve: (config: C, step: number, rng: Rng) => number | object | undefined): Learner<C, undefined> {
  return {
    init: () => undefined,
    step(state, config, step, draw) {
      const metrics = curve(config, step, draw);
      return metrics === undefined ? undefined : { state, metrics: metrics as number | JsonObject };
    },
  };
}

const metricsOf = (metrics: number | object, metric: string | undefined): JsonObject =>
  typeof metrics === 'number' && metric !== undefined ? { [metric]: metrics } : copyMetrics('curve', metrics);
