import { mkdirSync } from 'node:fs';
import { deepFreeze } from '../base/deep-freeze.ts';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';
import { Checkpoint } from '../checkpoint/checkpoint.ts';
import { damageAt } from '../checkpoint/manifest.ts';
import type { Config } from '../space/config.ts';
import { toErrorData } from '../trial/error-data.ts';
import { type ArtifactQueue, artifactQueue } from './artifact-queue.ts';
import { Dialogue, type DriverPort, type Ending, type Reply } from './dialogue.ts';
import type { TrainableClass, TrainableFunction, TrainableRef } from './trainable-ref.ts';
import type { Metrics, TrialContext } from './trial-context.ts';

/** What the driver has to know of a run. */
export interface DrivenTrial {
  /** The public id, `6e465_00007`. */
  readonly id: string;
  readonly name: string;
  readonly config: Config;
  /** Absolute path of the trial's directory; made on demand. */
  readonly dir: string;
  /** Reports made before this run: 0, or the step of `checkpoint`. */
  readonly step: number;
  /** Absolute path of the checkpoint to go on from. */
  readonly checkpoint?: string;
  /** The hash that its manifest must have; without it only that it is there is looked at. */
  readonly manifest?: string;
  /** The metric that a bare number reports: there when the experiment has exactly one. */
  readonly metric?: string;
  /** 32-bit seed of this trial, keyed by the experiment seed and the trial. */
  readonly seed: number;
  readonly resources: JsonObject;
  readonly device?: string;
}

/** A run in progress. */
export interface Driven {
  /** Never rejects. */
  readonly ended: Promise<Ending>;
  /** The answer to the open report. */
  answer(reply: Reply): void;
  /** To stop without waiting for a report: the signal aborts; the next report is sent all the same, and is the last. */
  stop(reason: string): void;
  /** Nobody will answer any more. */
  abandon(reason: string): void;
}

/**
 * Runs user code, function or class, as one run of a trial: the same for every executor, which only carries messages.
 * User code starts in a later microtask.
 */
export function drive(trainable: Pick<TrainableRef, 'form' | 'implementation'>, trial: DrivenTrial, port: DriverPort): Driven {
  const dialogue = new Dialogue(port, trial.step, trial.metric);
  return {
    ended: run(trainable, trial, dialogue, port),
    answer: (reply) => dialogue.answer(reply),
    stop: (reason) => dialogue.tell('stopped', reason),
    abandon: (reason) => dialogue.abandon(reason),
  };
}

async function run(
  { form, implementation }: Pick<TrainableRef, 'form' | 'implementation'>,
  trial: DrivenTrial,
  dialogue: Dialogue,
  port: DriverPort,
): Promise<Ending> {
  await undefined;
  try {
    const damage = trial.checkpoint === undefined ? undefined : await damageAt(trial.checkpoint, trial.manifest);
    if (damage) return dialogue.fate ?? { how: 'damaged', error: toErrorData(damage) };
  } catch (error) {
    return dialogue.fate ?? failed(error);
  }
  const scene: Scene = { trial, dialogue, port, artifacts: artifactQueue(trial.dir) };
  const ending =
    form === 'class' ? await runClass(implementation as TrainableClass<Config>, scene) : await runFunction(implementation as TrainableFunction<Config>, scene);
  await scene.artifacts.settled();
  return ending;
}

/** What a run goes on in. */
interface Scene {
  readonly trial: DrivenTrial;
  readonly dialogue: Dialogue;
  readonly port: DriverPort;
  readonly artifacts: ArtifactQueue;
}

async function runFunction(implementation: TrainableFunction<Config>, scene: Scene): Promise<Ending> {
  const { trial, dialogue } = scene;
  if (dialogue.fate) return dialogue.fate;
  try {
    const context = contextOf(scene, (metrics, options) => dialogue.report(metrics, options));
    const returned: unknown = await implementation(structuredClone(trial.config), context);
    await dialogue.drained();
    return await dialogue.returned(returned);
  } catch (error) {
    await dialogue.drained();
    return dialogue.fate ?? failed(error);
  } finally {
    dialogue.close();
  }
}

async function runClass(implementation: TrainableClass<Config>, scene: Scene): Promise<Ending> {
  const { trial, dialogue } = scene;
  let instance: InstanceType<typeof implementation> | undefined;
  let ending: Ending;
  try {
    const context = contextOf(scene, () => {
      throw new AttuneError('REPORT_IN_CLASS', 'report: expected a function trainable, got a call inside a class trainable.');
    });
    instance = new implementation();
    await instance.setup(structuredClone(trial.config), context);
    const restored: unknown = context.checkpoint && (await instance.restore(context.checkpoint.path));
    ending = dialogue.fate ?? (isDone(restored) ? { how: 'completed' } : await runSteps(instance, dialogue));
  } catch (error) {
    ending = dialogue.fate ?? failed(error);
  }
  try {
    await instance?.cleanup?.();
  } catch (error) {
    if (ending.how === 'completed') return failed(error);
  }
  return ending;
}

/** Steps until one says `done`; a stop unwinds as a rejected report. */
async function runSteps(instance: InstanceType<TrainableClass<Config>>, dialogue: Dialogue): Promise<Ending> {
  for (;;) {
    const metrics: unknown = await instance.step();
    if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) {
      throw new AttuneError('METRIC_NOT_JSON', `step: expected an object of metrics, got ${describe(metrics)}.`, {
        hint: 'Return the metrics from step(): return { loss }.',
      });
    }
    await dialogue.reportStep(metrics as JsonObject, (dir) => instance.save(dir));
    if (isDone(metrics)) return { how: 'completed' };
  }
}

const isDone = (returned: unknown): boolean => (returned as { readonly done?: unknown } | null | undefined)?.done === true;

const failed = (error: unknown): Ending => ({ how: 'failed', error: toErrorData(error) });

function contextOf({ trial, dialogue, port, artifacts }: Scene, report: TrialContext<Metrics>['report']): TrialContext<Metrics> {
  const { id, name, seed, resources, device } = trial;
  const { manifest } = trial;
  const checkpoint = trial.checkpoint === undefined ? undefined : Checkpoint.fromDirectory(trial.checkpoint, manifest === undefined ? {} : { manifest });
  let frozen: Config | undefined;
  let signal: AbortSignal | undefined;
  let made = false;
  return {
    id,
    name,
    seed,
    resources,
    device,
    checkpoint,
    report,
    saveArtifact: artifacts.save,
    get dir() {
      if (!made) mkdirSync(trial.dir, { recursive: true });
      made = true;
      return trial.dir;
    },
    get config() {
      return (frozen ??= deepFreeze(structuredClone(trial.config)));
    },
    get iteration() {
      return dialogue.step;
    },
    get signal() {
      return (signal ??= pollable(dialogue.controller.signal, port.poll));
    },
  };
}

/** A signal whose `aborted` is true as soon as somebody asked, even when the event loop has not turned since. */
function pollable(signal: AbortSignal, poll: (() => void) | undefined): AbortSignal {
  if (poll === undefined) return signal;
  const isAborted = (): boolean => Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get?.call(signal) === true;
  return Object.defineProperties(signal, {
    aborted: {
      configurable: true,
      get: () => {
        poll();
        return isAborted();
      },
    },
    throwIfAborted: {
      configurable: true,
      value: () => {
        poll();
        if (isAborted()) throw signal.reason;
      },
    },
  });
}
