import { isTold } from '../trainable/dialogue.ts';
import { type Driven, drive } from '../trainable/driver.ts';
import type { WorkerMark } from '../trainable/worker-global.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { RunId } from '../trial/ids.ts';
import { captureOutput, type Write } from './capture-output.ts';
import type { Ended } from './executor.ts';
import { Leaks } from './leaks.ts';
import { loadTrainable, markWorker } from './load-trainable.ts';
import { type FromWorker, type ProbeResult, type Target, type Task, type ToWorker, unreachableError } from './protocol.ts';
import { turn } from './turn.ts';

/** The way from a worker to its host. */
export interface HostLink {
  post(message: FromWorker): void;
  /** User code begins now. */
  started(run: RunId): void;
  /** It has ended. */
  ended(): void;
  /** Takes in what has arrived but not been delivered. */
  poll(): void;
  /** What is printed while no trial runs, and what is echoed of one that does. */
  readonly show: Write;
}

export interface TrialServer {
  /** Imports the module of a trainable, before any trial depends on it. */
  probe(target: Target): Promise<ProbeResult>;
  /** Runs one trial to its end. Never rejects. */
  run(task: Task): Promise<Ended>;
  receive(message: ToWorker): void;
  /** Whether a run is in hand. */
  readonly busy: boolean;
  /** Its trials have left so much in memory that another one should have a new worker. */
  readonly worn: boolean;
}

interface Current {
  readonly run: RunId;
  readonly name: string;
  readonly dir: string;
  readonly echo: boolean;
  /** Absent while its module loads. */
  driven?: Driven;
  stopped?: true;
}

/** Makes this thread or process a worker, which runs one trial after another: the same for both. It imports nothing that looks at the mark it sets. */
export function serveTrials(link: HostLink): TrialServer {
  const mark = markWorker();
  const leaks = new Leaks();
  let current: Current | undefined;

  process.setSourceMapsEnabled(true); // error.txt names the user's line
  const output = captureOutput(() => (current?.driven ? current : undefined), link.show);
  process.on('unhandledRejection', (reason) => {
    if (!isTold(reason)) throw reason; // a stop that nobody caught is no failure; the rest ends the worker, as Node would
  });

  const execute = async (task: Task, now: Current): Promise<Ended> => {
    const { run, target, trial } = task;
    const loaded = await loadTrainable(target);
    if ('unreachable' in loaded) throw unreachableError(loaded.unreachable);
    link.started(run);
    link.poll();
    if (now.stopped) return { kind: 'ended', run, how: 'stopped' };
    mark.running = true;
    now.driven = drive(loaded.found, trial, {
      send: (event) => link.post({ run, ...event }),
      now: () => performance.now(),
      poll: link.poll,
    });
    const ending = await now.driven.ended;
    link.ended();
    return { kind: 'ended', run, ...ending };
  };

  return {
    async probe(target) {
      const result = await loadTrainable(target);
      return 'unreachable' in result ? result : {};
    },
    async run(task) {
      const { run, trial, echo } = task;
      const now: Current = { run, name: trial.id, dir: trial.dir, echo };
      current = now;
      const before = mark.tensors?.();
      const ended = await endOf(run, execute(task, now), mark);
      await turn(); // what this trial left behind, such as a rejected promise, comes up while it is still this trial's
      const left = leaks.add(before, mark.tensors?.());
      if (left !== undefined) link.post({ kind: 'warned', run, message: left });
      output.trialEnded();
      current = undefined;
      mark.running = false;
      return ended;
    },
    receive(message) {
      if (message.run !== current?.run) return; // of an earlier run
      if (message.kind === 'answer') current.driven?.answer(message.answer);
      else if (current.driven) current.driven.stop(message.reason);
      else current.stopped = true;
    },
    get busy() {
      return current !== undefined;
    },
    get worn() {
      return leaks.worn || mark.worn === true;
    },
  };
}

/** Never rejects. A fault of its device that the run has not met is its error. */
async function endOf(run: RunId, running: Promise<Ended>, mark: WorkerMark): Promise<Ended> {
  const failed = (error: unknown): Ended => ({ kind: 'ended', run, how: 'failed', error: toErrorData(error) });
  const ended = await running.catch(failed);
  const fault = await mark.fault?.();
  return fault !== undefined && ended.how === 'completed' ? failed(fault) : ended;
}
