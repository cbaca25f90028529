// node restore.mjs EXPERIMENT DIR: goes on with what was killed, to the end, and prints a line for each event that is written. Forked,
// it does so for each [EXPERIMENT, DIR] that it is sent, and prints nothing.
import { subscribe } from 'node:diagnostics_channel';
import { isDeepStrictEqual } from 'node:util';
import { Tuner } from 'attune';
import { experiments } from './experiments.mjs';

/** What the state of an experiment is as JSON, without the code in it. */
function stateOf({ created, space, root, history, seats, rows, ...state }) {
  const sets = (_, value) => (value instanceof Set ? [...value] : value);
  const trials = rows.map(({ where, ...trial }) => trial); // journaled with the first report of a run, known live before that
  return JSON.parse(JSON.stringify({ ...state, trials, ended: history.ended, states: seats.map((seat) => seat.state) }, sets));
}

const differences = [];
subscribe('attune:session-closed', ({ lived, replayed }) => {
  const [was, is] = [stateOf(lived), stateOf(replayed())];
  for (const key of Object.keys(was)) if (!isDeepStrictEqual(is[key], was[key])) differences.push(`${key}: ${JSON.stringify([was[key], is[key]])}`);
});

async function restore([name, dir], callbacks = []) {
  const { trainable, scheduler, executor, own } = experiments[name];
  const again = own ? { tuneConfig: { scheduler: scheduler() } } : {};
  const tuner = await Tuner.restore(dir, trainable, { ...again, runConfig: { verbose: 0, executor: executor(), callbacks } });
  const grid = await tuner.fit();
  if (differences.length > 0) throw new Error(`the journal gives another state than the session had: ${differences.splice(0)}`);
  return [...grid].map(({ status }) => status);
}

if (process.send) {
  process.on('message', (job) => {
    restore(job).then(
      (statuses) => process.send({ dir: job[1], statuses }),
      (error) => process.send({ dir: job[1], error: error.stack }),
    );
  });
} else {
  const told = { name: 'told', onEvent: () => void process.stdout.write('.\n') };
  const statuses = await restore(process.argv.slice(2), [told]);
  process.stdout.write(`${JSON.stringify(statuses)}\n`);
}
