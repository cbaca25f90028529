import { AttuneError, run } from 'attune';
import { by, counter, fails, scheduler, AttuneError as TheirError } from 'models';

const options = { metric: 'count', mode: 'max', verbose: 0 };
const counted = await run(counter, { ...options, config: { by }, numSamples: 3, scheduler });
const failed = await run(fails, options);
const { inWorker } = counted.getBestResult().metrics;
console.log(
  JSON.stringify({
    copies: TheirError === AttuneError ? 1 : 2,
    counts: [...counted].map(({ metrics, config }) => metrics.count % config.by === 0 && metrics.count > 0),
    errors: counted.numErrors,
    inWorker,
    failure: failed.errors[0].code,
    instanceOf: [new TheirError('NOT_RUN', 'x.') instanceof AttuneError, new Error('x') instanceof AttuneError],
  }),
);
