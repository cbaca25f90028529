import { existsSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { definePhases, generateConfigs, runExperiments, variation } from 'attune';

// The page's three functions, in the script that also runs them. `wait`: blocks the thread, for good or until it is killed.
const { pre, fit, post } = definePhases(import.meta.url, {
  pre: (cfg) => ({ data: [cfg.param_1, cfg.param_2] }),
  fit: (cfg, { data }) => {
    if (cfg.wait && !existsSync(join(cfg.out_path, '..', 'go on'))) {
      if (cfg.wait === 'to be killed') writeSync(1, 'blocked\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    if (cfg.crash && cfg.run_id === 1) process.exit(3);
    return data[0] * 10 + cfg.run_id;
  },
  post: (cfg, sum) => ({ accuracy: new Float64Array([sum])[0], weights: new Float32Array([sum, 0.5]), pid: process.pid, thread: threadId }),
});

const [outPath, base, special = '{}'] = process.argv.slice(2);
const cfgs = generateConfigs({ param_1: variation([1, 2, 3, 4]), param_2: variation([1e-1]) }, 4).sort((a, b) => a.param_1 - b.param_1);
for (const [id, more] of Object.entries(JSON.parse(special))) Object.assign(cfgs[id], more);
const summary = await runExperiments({ pre, fit, post, outPath, verbose: false, ...JSON.parse(base) }, cfgs);
const { results, failures } = summary;
writeFileSync(1, JSON.stringify({ main: process.pid, results, failures, statuses: [...summary.grid].map(({ status }) => status) }));
