// node drive.mjs EXPERIMENT DIR [PLACE N]: a new experiment in DIR, killed at the N-th event of PLACE. Without a place it ends
// by itself; in place `torn` N is a byte of the journal, and the write that it is in ends there. It prints a line for each event that is written, and at its end how many events each place has had.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname } from 'node:path';
import { Tuner } from 'attune';
import { experiments, paramSpace, runConfig, tuneConfig } from './experiments.mjs';

const [, , name, dir, place, n] = process.argv;
const { trainable, scheduler, searchAlg, executor, checkpointConfig, numSamples } = experiments[name];
const counts = { decided: 0, written: 0, acted: 0, saved: 0, torn: 0 };

/** Nothing runs after it. */
function pass(at) {
  counts[at] += 1;
  if (at === place && counts[at] === Number(n)) process.kill(process.pid, 'SIGKILL');
}

/** The journal is written up to that byte of all that is written to it, in the middle of a line or a character. */
const { openSync, writeSync } = fs;
let journal;
fs.openSync = (path, ...rest) => {
  const file = openSync(path, ...rest);
  if (basename(String(path)) === 'journal.jsonl') journal = file;
  return file;
};
fs.writeSync = (file, bytes, ...rest) => {
  if (file !== journal) return writeSync(file, bytes, ...rest);
  const [from = 0] = rest;
  const left = Number(n) - counts.torn;
  if (place === 'torn' && bytes.length - from >= left) {
    writeSync(file, bytes, from, left);
    process.kill(process.pid, 'SIGKILL');
  }
  const written = writeSync(file, bytes, ...rest);
  counts.torn += written;
  return written;
};
syncBuiltinESMExports();

/** The events are decided on, and not written. */
const inner = scheduler();
const decided = {
  ...inner,
  decide(...told) {
    const outcome = inner.decide(...told);
    pass('decided');
    return outcome;
  },
};

/** The line is written, and nobody has acted on it: reports are not answered, runs not started. The last place there is. */
const written = {
  name: 'written',
  onEvent({ kind }) {
    pass('written');
    process.stdout.write('.\n');
    if (kind === 'closed' && place !== undefined) process.kill(process.pid, 'SIGKILL');
  },
};

/** A run was started, or a report answered. */
const slots = executor();
const acted = {
  ...slots,
  start(...run) {
    slots.start(...run);
    pass('acted');
  },
  answer(...answer) {
    slots.answer(...answer);
    pass('acted');
  },
};

globalThis.onSaved = () => pass('saved'); // inline only: a thread has a global object of its own

const tuner = new Tuner(trainable, {
  paramSpace,
  tuneConfig: { ...tuneConfig, numSamples, scheduler: decided, ...(searchAlg ? { searchAlg: searchAlg() } : {}) },
  runConfig: { ...runConfig, name: basename(dir), storagePath: dirname(dir), checkpointConfig, executor: acted, callbacks: [written] },
});
await tuner.fit();
process.stdout.write(`${JSON.stringify(counts)}\n`);
