import { MessageChannel, parentPort, receiveMessageOnPort, resourceLimits, threadId } from 'node:worker_threads';
import { workerMark } from '../trainable/worker-global.ts';
import type { RunId } from '../trial/ids.ts';
import type { Write } from './capture-output.ts';
import type { Ended } from './executor.ts';
import { type FromThread, type FromWorker, type Hello, type ProbeResult, parseFromShare, parseTask, parseToWorker, RunFlags, type Target } from './protocol.ts';
import { serveTrials } from './serve-trials.ts';
import { sharer } from './sharing.ts';

/** The file that the pool loads in each of its threads. */

const { port1: port, port2: hostPort } = new MessageChannel();
let flags = new RunFlags();
/** The run of which the host has not heard that it started; one that ends at once needs no message of its own for that. */
let silent: { readonly run: RunId; readonly soon: NodeJS.Immediate } | undefined;

const server = serveTrials({
  post(message) {
    announce();
    post(message);
  },
  started(run) {
    flags.begin(threadId, Date.now());
    silent = { run, soon: setImmediate(announce) };
  },
  ended() {
    clearImmediate(silent?.soon);
    silent = undefined;
  },
  poll() {
    if (flags.raised) for (let entry = receiveMessageOnPort(port); entry !== undefined; entry = receiveMessageOnPort(port)) receive(entry.message);
  },
  show: process.stderr.write.bind(process.stderr) as Write,
});
const sharing = sharer((message) => port.postMessage(message));
Object.assign(workerMark() ?? {}, { share: sharing.share });
port.on('message', receive);
port.unref();
const { maxOldGenerationSizeMb: heapMb = 0 } = resourceLimits;
parentPort?.postMessage({ attune: 'hello', thread: threadId, port: hostPort, heapMb } satisfies Hello, [hostPort]);

/** Imports the module of a trainable, before any trial depends on it. */
export function probe(target: Target): Promise<ProbeResult> {
  return server.probe(target);
}

/** Runs one trial to its end. */
export async function runTrial(message: unknown): Promise<Ended> {
  const task = parseTask(message);
  flags = new RunFlags(task.flags);
  const ended = await server.run(task);
  if (!server.worn) return ended;
  port.postMessage({ kind: 'worn', run: task.run, ended } satisfies FromThread);
  return new Promise<never>(() => {}); // piscina replaces a worker only while a task is in its hands
}

function announce(): void {
  if (silent === undefined) return;
  const { run } = silent;
  clearImmediate(silent.soon);
  silent = undefined;
  post({ kind: 'started', run });
}

function post(message: FromWorker): void {
  port.postMessage(message);
}

function receive(data: unknown): void {
  const share = parseFromShare(data);
  if (share) return sharing.receive(share);
  const message = parseToWorker(data);
  if (message) server.receive(message);
}
