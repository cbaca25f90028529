// An experiment tracker fed by one callback: a run for each trial, with its parameters, its metrics and how it ended. The requests are
// those of MLflow. `trackerServer` at the end of this file answers them here; with MLflow at hand, leave it out: `tracker('http://127.0.0.1:5000')`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Callback, hooks, loguniform, type TrialContext, type TrialRecord, Tuner } from 'attune';

const METRICS = ['loss', 'time_total_s'];

/** Requests go out one after the other, in the order of the events. No trial waits for them; `fit()` resolves after the last answer. */
function tracker(url: string): Callback {
  const runs = new Map<string, string>();

  async function post(path: string, body: object) {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/api/2.0/mlflow/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`); // a warning: the experiment goes on
    return (await response.json()) as { run?: { info: { run_id: string } } };
  }
  const update = (trial: TrialRecord, status: 'FINISHED' | 'FAILED') => post('runs/update', { run_id: runs.get(trial.name), status, end_time: Date.now() });

  return hooks({
    name: 'tracker',
    async onTrialStart(trial) {
      if (runs.has(trial.name)) return; // it goes on, after a pause or a failure
      const { run } = await post('runs/create', { experiment_id: '0', run_name: trial.name, start_time: Date.now() });
      if (run === undefined) throw new Error('runs/create: expected a run, got none');
      runs.set(trial.name, run.info.run_id);
      const params = Object.entries(trial.config).map(([key, value]) => ({ key, value: JSON.stringify(value) }));
      await post('runs/log-batch', { run_id: run.info.run_id, params });
    },
    onTrialReport(trial, row) {
      const timestamp = Number(row['timestamp']) * 1000;
      const metrics = METRICS.filter((key) => Number.isFinite(row[key])).map((key) => ({ key, value: row[key], step: trial.step, timestamp }));
      return post('runs/log-batch', { run_id: runs.get(trial.name), metrics });
    },
    onTrialComplete: (trial) => update(trial, 'FINISHED'),
    onTrialError: (trial) => update(trial, 'FAILED'),
  });
}

/** The higher the rate the faster it learns, until it breaks down. */
async function train({ lr }: { lr: number }, trial: TrialContext) {
  for (let step = 1; step <= 5; step++) {
    if (lr > 0.85 && step === 3) throw new Error('the loss is gone');
    await trial.report({ loss: (1 - lr) ** step });
  }
}

const server = await trackerServer();
const tuner = new Tuner(train, {
  paramSpace: { lr: loguniform(0.02, 1) },
  tuneConfig: { metric: 'loss', mode: 'min', numSamples: 4, seed: 2 },
  runConfig: { callbacks: [tracker(server.url)], verbose: 0 },
});
await tuner.fit();
console.log(`the tracker has ${server.runs.length} runs:`);
for (const { name, status, params, losses } of server.runs) {
  console.log(`${name} ${status.padEnd(8)} lr ${Number(params['lr']).toFixed(3)}  loss ${losses.map((loss) => loss.toFixed(3)).join(', ')}`);
}
server.close();

/** What the requests above hold. */
interface Body {
  readonly run_id?: string;
  readonly run_name?: string;
  readonly status?: string;
  readonly params?: readonly { key: string; value: string }[];
  readonly metrics?: readonly { key: string; value: number }[];
}

/** A stand-in for `mlflow server` that keeps what it is told. */
async function trackerServer() {
  const runs: { name: string; status: string; params: Record<string, string>; losses: number[] }[] = [];
  const answer = ({ run_id, run_name = '', status, params = [], metrics = [] }: Body): object => {
    if (run_id === undefined) return { run: { info: { run_id: String(runs.push({ name: run_name, status: 'RUNNING', params: {}, losses: [] }) - 1) } } };
    const run = runs[Number(run_id)];
    if (run === undefined) throw new Error(`there is no run ${run_id}`);
    run.status = status ?? run.status;
    for (const { key, value } of params) run.params[key] = value;
    run.losses.push(...metrics.filter(({ key }) => key === 'loss').map(({ value }) => value));
    return {};
  };
  const server = createServer((request, response) => void text(request).then((body) => response.end(JSON.stringify(answer(JSON.parse(body) as Body)))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, runs, close: () => server.close() };
}
