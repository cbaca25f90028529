import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, Trainable } from 'attune';

export const STEPS = 5;

/** The loss depends on every step before: who goes on from another state than its own reports other numbers. */
const trained = ({ step, weights }, x) => ({ step: step + 1, weights: weights * 0.7 + x });
const reportOf = ({ step, weights }) => ({ loss: Math.abs(weights - 1) + 1 / step, weights });

/** A trial that fails whenever it comes to its third step: its one retry fails too. */
function stumble(id, { step }) {
  if (id.endsWith('_00001') && step === 2) throw new Error('the third step fails');
}

function save(dir, state) {
  writeFileSync(join(dir, 'state.json'), JSON.stringify(state));
  globalThis.onSaved?.(); // the files are there, under another name
}

function load(dir, iteration) {
  const state = JSON.parse(readFileSync(join(dir, 'state.json'), 'utf8'));
  if (state.step !== iteration) throw new Error(`goes on at ${iteration} with the state of ${state.step}`);
  return state;
}

const FRESH = { step: 0, weights: 0 };

export const byFunction = defineTrainable(import.meta.url, async function byFunction({ x }, trial) {
  let state = trial.checkpoint ? load(trial.checkpoint.path, trial.iteration) : FRESH;
  while (state.step < STEPS) {
    stumble(trial.id, state);
    state = trained(state, x);
    await trial.report(reportOf(state), { checkpoint: (dir) => save(dir, state) });
  }
});

/** Saves nothing: whenever it is interrupted it begins anew. Its last report is what it returns. */
export const bySteps = defineTrainable(import.meta.url, async function bySteps({ x }, trial) {
  let state = FRESH;
  for (;;) {
    state = trained(state, x);
    if (state.step === STEPS) return reportOf(state);
    await trial.report(reportOf(state));
  }
});

class ByClass extends Trainable {
  setup({ x }, trial) {
    Object.assign(this, { x, trial, state: FRESH });
  }
  step() {
    stumble(this.trial.id, this.state);
    this.state = trained(this.state, this.x);
    return { ...reportOf(this.state), done: this.state.step >= STEPS };
  }
  save(dir) {
    save(dir, this.state);
  }
  restore(dir) {
    this.state = load(dir, this.trial.iteration);
  }
}

export const byClass = defineTrainable(import.meta.url, ByClass, { name: 'byClass' });
