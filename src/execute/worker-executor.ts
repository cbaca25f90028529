import { availableParallelism } from 'node:os';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import { type Share, shareOut } from './devices/share.ts';
import type { Executor, ExecutorSession } from './executor.ts';
import { Occupancy } from './occupancy.ts';
import { Pool } from './pool.ts';
import { type Target, type Unreachable, unreachableError } from './protocol.ts';
import { findTsx, TSX_HINT, tsxMissing, typescriptFault } from './tsx.ts';
import type { Workers } from './workers.ts';

export interface WorkerExecutorOptions {
  /** Also for messages: `threads`. */
  readonly name: string;
  /** Trials at once, when the user has said. */
  readonly workers: number | undefined;
  /** The devices that the user has named. */
  readonly devices: readonly string[] | undefined;
  /** All trials run in this process, and see what it sees. */
  readonly isOneProcess: boolean;
  /** What it was made with, when that is fit to be recorded. */
  readonly options: object | undefined;
  /** Called when an experiment opens, and once more when its module needs tsx. */
  readonly makeWorkers: (share: Share) => Workers | Promise<Workers>;
}

/**
 * An executor whose trials run where another copy of their module is: what threads and processes have in common.
 */
export function workerExecutor(made: WorkerExecutorOptions): Executor {
  const { name, options, makeWorkers } = made;
  const occupancy = new Occupancy(name);
  let share: Share | undefined;
  let pool: Pool | undefined;
  let current: ExecutorSession | undefined;
  const opened = (): Pool => {
    if (pool === undefined) throw new Error(`attune: ${name}() was used before open().`);
    return pool;
  };
  return {
    name,
    ...(options === undefined ? {} : { options: { ...options } as JsonObject }),
    get slots() {
      return share?.slots ?? made.workers ?? availableParallelism();
    },
    get devices() {
      return share?.demand && share.devices.map(({ id }) => id);
    },
    async open(session) {
      occupancy.enter();
      current = session;
      const target = targetOf(session.trainable, name);
      const given = await shareOut(made, session);
      const reach = async (way: Target): Promise<Unreachable | undefined> => {
        await pool?.close(); // to workers that have not failed to load it: Node never forgets that
        const workers = await makeWorkers(given);
        if (current === session) {
          share = given;
          return (pool = new Pool(session, way, { workers, share })).probe();
        }
        await workers.close(); // the run is over already, and nobody else will
        throw new Error(`attune: ${name}() was closed while it opened.`);
      };
      let unreachable = await reach(target);
      const tsx = unreachable && tsxFor(target, unreachable);
      if (tsx !== undefined) unreachable = await reach({ ...target, tsx });
      if (unreachable) throw unreachableError(unreachable);
    },
    start: (run, signal) => opened().start(run, signal),
    answer: (run, answer) => opened().answer(run, answer),
    batches: () => opened().events,
    async [Symbol.asyncDispose]() {
      if (!occupancy.leave()) return;
      const closing = pool;
      current = undefined;
      pool = undefined; // now: the next experiment may open while this one closes
      await closing?.close();
    },
  };
}

/**
 * The tsx to try again with, when what Node could not load is TypeScript.
 *
 * @throws {AttuneError} `PACKAGE_MISSING` when there is none
 */
function tsxFor({ module, by }: Target, unreachable: Unreachable): string | undefined {
  const { cause } = unreachable;
  const fault = cause && typescriptFault(cause);
  if (cause === undefined || fault === undefined) return undefined;
  const tsx = findTsx(module);
  if (tsx !== undefined) return tsx;
  if (fault === 'sure') throw tsxMissing(by, module, cause);
  if (/\.[cm]?tsx?\b/.test(`${module} ${cause.message}`)) throw unreachableError({ ...unreachable, hint: TSX_HINT });
  return undefined;
}

function targetOf({ module, name }: TrainableRef, by: string): Target {
  if (module !== undefined) return { module, name, by };
  throw new AttuneError(
    'TRAINABLE_UNREACHABLE',
    `${by}: expected a trainable made with defineTrainable, got the bare function or class "${name}", which exists in this thread only.`,
    {
      hint: 'Define it with defineTrainable(import.meta.url, …) at top level, or run it with executor: inline().',
    },
  );
}
