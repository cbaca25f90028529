import type { Config } from '../space/config.ts';
import type { Point } from '../space/count.ts';
import type { Space } from '../space/space.ts';
import { finiteSize, gridSize, sweep, withoutRepeats } from '../space/variants.ts';
import type { History } from './history.ts';
import type { Ask, Suggestion } from './searcher.ts';

/** Makes one configuration; a walk that only passes by does not call it. */
type Make = () => Config;

/** A walk in progress: over what, and where it stands. `ahead` is looked up early, to know which configuration is the last. */
interface Cursor {
  readonly space: Space;
  readonly samples: number;
  /** Tells the streams of two seeds apart. */
  readonly stream: number;
  readonly steps: Iterator<Make, void>;
  readonly shortage: Shortage;
  index: number;
  now: Make | undefined;
  ahead: Make | undefined;
}

/** Whether a grid point had no more distinct configurations when one was wanted. */
interface Shortage {
  found: boolean;
}

/** The answer to ask number `ask.index` in a walk over `space`, which may be another than the ask's. */
export type GridWalk = (ask: Ask, space: Space) => Suggestion;

/**
 * The grid of a space, `ask.samples` times over, sample by sample; in each, the first grid by path varies fastest, and what is
 * not in the grid is drawn anew for every configuration. When the space has a `variation`, the configurations of one grid point
 * are drawn without repeating: a point that has no more is left out, and the walk ends when none has, with a message.
 *
 * The answer is a function of the ask alone. In order, asks cost O(1) each: the place is kept by `ask.history`.
 *
 * @param name - of the searcher, which begins the message
 */
export function gridWalk(name: string): GridWalk {
  const cursors = new WeakMap<History, Cursor>();
  return (ask, space) => {
    const known = cursors.get(ask.history);
    const cursor = known !== undefined && leadsTo(known, ask, space) ? known : begin(ask, space);
    cursors.set(ask.history, cursor);
    while (cursor.index < ask.index && cursor.now !== undefined) advance(cursor);
    if (cursor.now !== undefined) {
      const isLast = cursor.ahead === undefined && !cursor.shortage.found; // after a shortage, the next ask is told why it ends
      return { kind: 'config', config: cursor.now(), ...(isLast ? { last: true } : {}) };
    }
    return cursor.shortage.found ? { kind: 'done', message: shortOf(name, space, cursor) } : { kind: 'done' };
  };
}

const hasVariation = (space: Space): boolean => space.parameters.some(({ domain }) => domain.kind === 'variation');

function leadsTo(cursor: Cursor, ask: Ask, space: Space): boolean {
  return cursor.space === space && cursor.samples === ask.samples && cursor.stream === identity(ask) && cursor.index <= ask.index;
}

const identity = ({ stream }: Ask): number => stream.fork('identity').next();

function begin(ask: Ask, space: Space): Cursor {
  const size = hasVariation(space) ? undefined : constantSize(space);
  const sample = size === undefined ? 0 : Math.floor(ask.index / size);
  const variant = size === undefined ? 0 : ask.index % size;
  const shortage = { found: false };
  const steps = hasVariation(space) ? distinct(ask, space, shortage) : repeated(ask, space, sample, variant);
  const place = { space, samples: ask.samples, stream: identity(ask), steps, shortage, index: size === undefined ? 0 : ask.index };
  return { ...place, now: steps.next().value ?? undefined, ahead: steps.next().value ?? undefined };
}

function advance(cursor: Cursor): void {
  cursor.index++;
  cursor.now = cursor.ahead;
  if (cursor.now !== undefined) cursor.ahead = cursor.steps.next().value ?? undefined;
}

function* repeated({ samples, stream }: Ask, space: Space, sample: number, variant: number): Generator<Make, void> {
  for (let s = sample; s < samples; s++) {
    const { size, at } = sweep(space, stream.fork('sample', s));
    for (let j = s === sample ? variant : 0; j < size; j++) yield () => at(j);
  }
}

function* distinct({ samples, stream }: Ask, space: Space, shortage: Shortage): Generator<Make, void> {
  const [limit, isConstant] = [finiteSize(space), constantSize(space) !== undefined];
  const points = new Map<string, { readonly size: number; at(k: number): Config; used: number }>();
  let given = 0;
  for (let s = 0; s < samples; s++) {
    const swept = sweep(space, stream.fork('sample', s));
    const before = given;
    for (let j = 0; j < swept.size; j++) {
      const point = swept.point(j);
      const key = keyOf(point);
      const draws = points.get(key) ?? { ...withoutRepeats(space, stream.fork('distinct', key), point), used: 0 };
      points.set(key, draws);
      const k = draws.used++;
      if (k >= draws.size) shortage.found = true;
      else {
        given++;
        yield () => draws.at(k);
      }
    }
    if (isConstant ? given === before : given >= limit) {
      shortage.found ||= s + 1 < samples;
      return;
    }
  }
}

/** Grid points are the same when they settle the same options. */
const keyOf = (point: Point): string => [...point].map(([node, option]) => `${node.index}:${option}`).join(',');

/** How many configurations every sample has; `undefined` when that depends on a choice that is drawn. */
function constantSize(space: Space): number | undefined {
  return space.parameters.some(({ domain, when }) => domain.kind === 'gridSearch' && isDrawn(space, when?.parameter)) ? undefined : gridSize(space);
}

function isDrawn({ parameters }: Space, index: number | undefined): boolean {
  for (let above = parameters[index ?? -1]; above !== undefined; above = parameters[above.when?.parameter ?? -1]) {
    if (above.domain.kind !== 'gridSearch') return true;
  }
  return false;
}

function shortOf(name: string, space: Space, { index, samples }: Cursor): string {
  return shortageMessage(name, index, samples * (constantSize(space) ?? 1));
}

/** What a searcher says that ends before it has proposed as many as were wanted. */
export function shortageMessage(name: string, size: number, wanted: number): string {
  const all = size === 1 ? 'the space has 1 distinct configuration' : `the space has ${size} distinct configurations`;
  return `${name}: ${all}, ${Number.isFinite(wanted) ? `${wanted} were asked for` : 'and all have been proposed'}.`;
}
