// DIR: two experiments and their Optuna journals, `one.log` and `two.log`; on stdout what Optuna has to find in them.
import { join } from 'node:path';
import { choice, lograndint, loguniform, qloguniform, qrandint, quniform, randint, randn, Tuner, uniform } from 'attune';
import { asha } from 'attune/schedulers';

const storagePath = process.argv[2];
const runConfig = { storagePath, verbose: 0 };
const net = choice([
  { kind: 'mlp', units: randint(8, 64) },
  { kind: 'cnn', filters: qrandint(8, 32, 8), rate: uniform(0, 0.5) },
]);
const paramSpace = {
  ...{ lr: loguniform(1e-5, 1e-1), drop: quniform(0, 0.5, 0.1), decay: qloguniform(0.01, 1, 0.01), width: lograndint(1, 1000), shift: randn(0, 1) },
  ...{ act: choice(['relu', null, 3, true]), net, fixed: 7 },
};

/** Trial 1 fails, trial 2 ends with NaN, trial 3 breaks its constraint, a rule stops trial 4. */
const one = new Tuner(
  async ({ lr }, trial) => {
    const index = Number(trial.id.split('_')[1]);
    for (let step = 1; step <= 9; step++) {
      if (index === 1 && step === 3) throw new RangeError('no, "never"');
      await trial.report(
        { eval: { loss: index === 2 && step === 9 ? Number.NaN : lr / step }, good: index === 4 ? 1 : 0 },
        { constraints: [index === 3 ? 0.5 : -1] },
      );
    }
  },
  {
    paramSpace,
    tuneConfig: { metric: 'eval/loss', mode: 'min', numSamples: 12, seed: 5, scheduler: asha({ maxT: 8, gracePeriod: 4, reductionFactor: 2 }) },
    runConfig: { ...runConfig, name: 'one', stop: { good: 1 } },
  },
);
const two = new Tuner(({ x }) => ({ error: x, size: -(x ** 2) }), {
  paramSpace: { x: uniform(0, 1) },
  tuneConfig: { metric: ['error', 'size'], mode: ['min', 'max'], numSamples: 3, seed: 5 },
  runConfig: { ...runConfig, name: 'two' },
});

const found = [];
for (const tuner of [one, two]) {
  const grid = await tuner.fit();
  const { name, objectives } = grid.experiment;
  grid.exportOptuna(join(storagePath, `${name}.log`));
  const trials = [...grid].map((result) => {
    const { metrics, config, status, reason } = result;
    const curve = result.metricsDataFrame().objects();
    return {
      ...{ id: metrics.trial_id, config, status, reason: reason?.reason, violation: metrics.constraint_violation },
      values: objectives.map(({ metric }) => String(curve.at(-1)[metric] ?? NaN)),
      curve: objectives.length > 1 ? [] : curve.map((row) => [row.training_iteration, String(row[objectives[0].metric] ?? NaN)]),
    };
  });
  found.push({ name, trials });
}
console.log(JSON.stringify(found));
