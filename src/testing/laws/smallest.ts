import { fullWorld, type LawReport, type LawTrial, type LawWorld, plainWorld } from './law-world.ts';

/** The most worlds that are tried on the way. */
const MOST_TRIES = 1000;

/**
 * A world in which the law is broken still, and of which no part can be left out, or made plainer, without that: fewer
 * trials, fewer reports, one worker, no failures, small whole numbers.
 *
 * @param isBroken - tries a world
 */
export async function smallest(world: LawWorld, isBroken: (world: LawWorld) => Promise<boolean>): Promise<LawWorld> {
  let best = plainWorld(world);
  let tries = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smaller(best)) {
      if (tries++ === MOST_TRIES) return best;
      if (!(await isBroken(candidate))) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** Smaller worlds, the smallest first; a finite chain, as each step leaves out something, or makes a number plainer. */
function* smaller(world: LawWorld): Generator<LawWorld> {
  const { trials, inFlight, ...rest } = world;
  if (inFlight !== undefined) yield { ...rest, trials };
  for (const key of ['retries', 'saveEvery', 'seed', 'mode', 'workers'] as const) {
    const { [key]: value, ...without } = world;
    if (value !== undefined) yield without;
  }
  if ((world.workers ?? 1) > 2) yield { ...world, workers: Math.ceil((world.workers ?? 1) / 2) };
  for (const fewer of shorter(trials, 1)) yield { ...world, trials: fewer };
  for (const [i, trial] of trials.entries()) for (const fewer of shorter(trial, 0)) yield { ...world, trials: trials.with(i, fewer) };
  yield* plainer(world);
  for (const [i, trial] of trials.entries())
    for (const [at, report] of trial.entries()) for (const plain of plainerReports(report)) yield { ...world, trials: trials.with(i, trial.with(at, plain)) };
}

/** Parts of a list: without a half, a quarter, … one of it. */
function* shorter<T>(list: readonly T[], least: number): Generator<readonly T[]> {
  for (let size = list.length >> 1; size >= 1; size >>= 1) {
    for (let from = 0; from < list.length; from += size) if (list.length - size >= least) yield list.filter((_, i) => i < from || i >= from + size);
  }
  if (list.length === 1 && least === 0) yield [];
}

/** Every finite value by its rank: 0, 1, 2, … */
function* plainer(world: LawWorld): Generator<LawWorld> {
  const all = fullWorld(world).trials.flatMap((trial) => trial.map(({ value }) => value));
  const finite = [...new Set(all.filter(Number.isFinite).map((value) => value + 0))].sort((a, b) => a - b);
  if (finite.every((value, rank) => value === rank)) return;
  const change = (value: number): number => (Number.isFinite(value) ? finite.indexOf(value + 0) : value);
  yield plainWorld({ ...world, trials: fullWorld(world).trials.map((trial): LawTrial => trial.map((report) => ({ ...report, value: change(report.value) }))) });
}

function* plainerReports(report: number | LawReport): Generator<number | LawReport> {
  if (typeof report === 'object') {
    yield report.value;
    for (const key of ['fails', 'missing', 'time', 'seconds'] as const) {
      const { [key]: value, ...without } = report;
      if (value !== undefined) yield without;
    }
    if ((report.fails ?? 0) > 1) yield { ...report, fails: 1 };
    if (report.time !== undefined && report.time > 1) yield { ...report, time: Math.ceil(report.time / 2) };
    if (report.time !== undefined && report.time > 1) yield { ...report, time: report.time - 1 };
  }
  const { value } = typeof report === 'object' ? report : { value: report };
  const simple = [0, 1, ...(Math.abs(value) > 1 && Number.isFinite(value) ? [Math.trunc(value / 2)] : [])];
  const rank = (number: number): number =>
    Number.isFinite(number) ? Math.abs(number) + (Number.isInteger(number) && !Object.is(number, -0) ? 0 : 0.5) : 1e309;
  for (const number of simple) if (rank(number) < rank(value)) yield typeof report === 'object' ? { ...report, value: number } : number;
}
