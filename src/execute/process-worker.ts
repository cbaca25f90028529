import { readSync } from 'node:fs';
import { Socket } from 'node:net';
import { hostname } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { toErrorData } from '../trial/error-data.ts';
import { deviceMemoryLineOf } from './devices/out-of-memory.ts';
import { FrameReader, FrameWriter } from './frames.ts';
import { killGroup } from './kill-group.ts';
import { type FromProcess, parseToProcess, type Task, type ToProcess } from './protocol.ts';
import { serveTrials } from './serve-trials.ts';
import type { Watch } from './watchdog.ts';

/**
 * The program of a worker process. Frames come on one descriptor and go to another: `process-worker.js [in [out [memoryMb
 * [parent]]]]`, by default standard input and output. What else is written to standard output comes between frames, and does them no harm.
 */

/** How often a step that never waits, but looks at `trial.signal`, has the channel looked at. */
const POLL_MS = 1;
const MB = 2 ** 20;

const [input = 0, output = 1, memoryMb = 0, parent = process.ppid] = process.argv.splice(2).map(Number);
const lock = new Int32Array(new SharedArrayBuffer(4));
const writer = new FrameWriter(output, lock);
const reader = new FrameReader();
const pollBuffer = Buffer.alloc(65_536);
let polled = 0;
/** Resident memory when the first trial began. */
let fresh: number | undefined;

new Worker(new URL('./watchdog.js', import.meta.url), {
  workerData: { parent, memoryMb, output, lock } satisfies Watch,
  execArgv: [], // no --import of the user's a second time
  env: {},
}).unref();

const server = serveTrials({
  post,
  started(run) {
    fresh ??= process.memoryUsage.rss();
    post({ kind: 'started', run });
  },
  ended() {},
  poll,
  show(chunk, encoding) {
    const text = typeof chunk === 'string' && encoding !== 'hex' && encoding !== 'base64' ? chunk : Buffer.from(chunk as string, encoding as BufferEncoding);
    post({ kind: 'print', text: text.toString() });
    return true;
  },
});
process.on('uncaughtExceptionMonitor', (error) => post({ kind: 'uncaught', error: toErrorData(error) }));

const channel = new Socket({ fd: input, readable: true, writable: false });
channel.on('data', take);
channel.on('end', hostGone);
channel.on('error', hostGone);
post({ kind: 'hello', pid: process.pid, host: hostname(), heapMb: getHeapStatistics().heap_size_limit / MB });

function post(message: FromProcess): void {
  try {
    writer.write(message);
  } catch {
    hostGone();
  }
}

function hostGone(): undefined {
  killGroup(process.pid);
}

/** What has arrived, while the event loop stands still. Node has made the descriptor one that does not block. */
function poll(): void {
  const now = performance.now();
  if (process.platform === 'win32' || now - polled < POLL_MS) return;
  polled = now;
  for (let bytes = arrived(); bytes !== undefined; bytes = arrived()) take(bytes);
}

function arrived(): Uint8Array | undefined {
  try {
    const length = readSync(input, pollBuffer);
    return length === 0 ? hostGone() : Buffer.from(pollBuffer.subarray(0, length));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? undefined : hostGone();
  }
}

function take(chunk: Uint8Array): void {
  for (const found of reader.take(chunk)) {
    const message = 'message' in found ? parseToProcess(found.message) : undefined;
    if (message === undefined) throw new Error('attune: a worker process was sent something that is no message.');
    receive(message);
  }
}

function receive(message: ToProcess): void {
  switch (message.kind) {
    case 'probe':
      return void server.probe(message.target).then((result) => post({ kind: 'probed', result }));
    case 'task':
      return void run(message.task);
    case 'close':
      return process.exit();
    default:
      return server.receive(message);
  }
}

async function run(task: Task): Promise<void> {
  const ended = await server.run(task);
  const isFull = ended.how === 'failed' && task.trial.device !== undefined && deviceMemoryLineOf(ended.error) !== undefined;
  const hasGrown = memoryMb > 0 && process.memoryUsage.rss() > ((fresh ?? 0) + memoryMb * MB) / 2;
  post({ kind: 'done', ended, ...(isFull || hasGrown || server.worn ? { worn: true } : {}) });
}
