import { MessageChannel, parentPort, receiveMessageOnPort, threadId } from 'node:worker_threads';
import { isTold } from '../trainable/dialogue.ts';
import { type Driven, drive } from '../trainable/driver.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { RunId } from '../trial/ids.ts';
import { captureOutput } from './capture-output.ts';
import type { Ended } from './executor.ts';
import { loadTrainable, markWorker } from './load-trainable.ts';
import {
  type FromWorker,
  type Hello,
  type ProbeResult,
  parseTask,
  parseToWorker,
  RunFlags,
  type Target,
  type Task,
  type TaskResult,
  unreachableError,
} from './protocol.ts';
import { turn } from './turn.ts';

/** The file that the pool loads in each of its threads. It imports nothing that looks at the mark it sets. */

interface Running {
  readonly run: RunId;
  readonly name: string;
  readonly dir: string;
  readonly echo: boolean;
  readonly driven: Driven;
}

const mark = markWorker();
const { port1: port, port2: hostPort } = new MessageChannel();
let running: Running | undefined;

process.setSourceMapsEnabled(true); // error.txt names the user's line
const output = captureOutput(() => running);
port.on('message', receive);
port.unref();
process.on('unhandledRejection', (reason) => {
  if (!isTold(reason)) throw reason; // a stop that nobody caught is no failure; the rest ends the worker, as Node would
});
parentPort?.postMessage({ attune: 'hello', thread: threadId, port: hostPort } satisfies Hello, [hostPort]);

/** Imports the module of a trainable, before any trial depends on it. */
export async function probe(target: Target): Promise<ProbeResult> {
  const result = await loadTrainable(target);
  return 'unreachable' in result ? result : {};
}

/** Runs one trial to its end. */
export async function runTrial(message: unknown): Promise<TaskResult> {
  const task = parseTask(message);
  const ended = await execute(task).catch((error: unknown): Ended => ({ kind: 'ended', run: task.run, how: 'failed', error: toErrorData(error) }));
  await turn(); // what this trial left behind, such as a rejected promise, comes up while it is still this trial's
  output.trialEnded();
  running = undefined;
  mark.running = false;
  return { thread: threadId, ended };
}

async function execute({ run, target, trial, flags: buffer, echo }: Task): Promise<Ended> {
  const loaded = await loadTrainable(target);
  if ('unreachable' in loaded) throw unreachableError(loaded.unreachable);
  const flags = new RunFlags(buffer);
  flags.begin(threadId, Date.now());
  if (flags.raised) return { kind: 'ended', run, how: 'stopped' };
  mark.running = true;

  let announced = false;
  const announce = (): void => {
    if (!announced) post({ kind: 'started', run, thread: threadId });
    announced = true;
  };
  const driven = drive(loaded.found, trial, {
    send: (event) => {
      announce();
      post({ run, ...event });
    },
    now: () => performance.now(),
    poll: () => {
      if (flags.raised) drain();
    },
  });
  running = { run, name: trial.id, dir: trial.dir, echo, driven };
  const soon = setImmediate(announce); // a run that ends at once needs no message of its own for its start
  const ending = await driven.ended;
  clearImmediate(soon);
  return { kind: 'ended', run, ...ending };
}

function post(message: FromWorker): void {
  port.postMessage(message);
}

function drain(): void {
  for (let entry = receiveMessageOnPort(port); entry !== undefined; entry = receiveMessageOnPort(port)) receive((entry as { message: unknown }).message);
}

function receive(data: unknown): void {
  const message = parseToWorker(data);
  if (message === undefined || message.run !== running?.run) return; // of an earlier run
  if (message.kind === 'answer') running.driven.answer(message.answer);
  else running.driven.stop(message.reason);
}
