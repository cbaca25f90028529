// Tunes trainables that it does not import itself: only the workers load their modules. Prints how each went.
import { pathToFileURL } from 'node:url';
import { processes, run, threads } from 'attune';

const outcomes = {};
for (const file of process.argv.slice(2)) {
  const trainable = { kind: 'trainable', name: 'named', module: pathToFileURL(file).href, form: 'function', implementation: () => {} };
  const executor = (process.env.EXECUTOR === 'processes' ? processes : threads)({ workers: 1 });
  outcomes[file] = await run(trainable, { metric: 'loss', mode: 'min', executor, verbose: 0 }).then(
    (grid) => grid.at(0).metrics.loss,
    ({ code, hint, message, cause }) => ({ code, hint, message, cause: cause && { code: cause.code, message: cause.message } }),
  );
}
console.log(JSON.stringify(outcomes));
