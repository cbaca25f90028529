// What Attune adds to the parts it is made of, measured in one run against those parts: `npm run bench`, or `npm run bench -- --quick`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isTrialWorker } from 'attune';
import { checkpointCost } from './checkpoint-cost.ts';
import { consoleCost } from './console-cost.ts';
import { importCost } from './import-cost.ts';
import { journalCost } from './journal-cost.ts';
import { logCost } from './log-cost.ts';
import type { Measure } from './plan.ts';
import { readerCost } from './reader-cost.ts';
import { processReportCost, reportCost } from './report-cost.ts';
import { restoreCost } from './restore-cost.ts';
import { simulateCost } from './simulate-cost.ts';
import { trialCost } from './trial-cost.ts';

const QUICK = { warmUp: 100, rounds: 3, size: 200, trials: 4_000 };
const FULL = { warmUp: 500, rounds: 5, size: 2_000, trials: 20_000 };

if (!isTrialWorker) await main();

async function main(): Promise<void> {
  const { trials, ...size } = process.argv.includes('--quick') ? QUICK : FULL;
  const root = mkdtempSync(join(tmpdir(), 'attune-bench-'));
  const at = (name: string): string => {
    mkdirSync(join(root, name));
    return join(root, name);
  };
  try {
    const plan = { workers: 2, ...size };
    const measures = [
      await importCost({ root: at('import'), rounds: 4 * size.rounds + 1 }),
      await trialCost({ root: at('trial'), ...plan }),
      await reportCost({ root: at('report'), ...plan }),
      await processReportCost({ root: at('process-report'), ...plan }),
      await logCost({ root: at('log'), ...size }),
      ...(await journalCost({ root: at('journal'), ...size })),
      await checkpointCost({ root: at('checkpoint'), rounds: size.rounds, size: size.size * 50_000 }),
      await consoleCost({ root: at('console'), reports: trials * 25 }),
      await readerCost({ root: at('reader'), rounds: 4 * size.rounds + 1, runs: trials / 2 }),
      ...scale(trials),
      ...restoreCost({ trials: trials / 2, reports: 100 }),
      ...simulateCost({ trials: trials / 2, many: trials * 5 }),
    ];
    print(measures);
    if (measures.some(({ got, limit }) => !(got <= limit))) process.exitCode = 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** In a process of its own, with a heap of its own. */
function scale(trials: number): readonly Measure[] {
  const script = fileURLToPath(new URL('./scale.ts', import.meta.url));
  const { windows, heap } = JSON.parse(execFileSync(process.execPath, [...process.execArgv, script, String(trials)], { encoding: 'utf8' })) as {
    readonly windows: readonly number[];
    readonly heap: number;
  };
  const [first = Number.NaN, last = Number.NaN] = [windows[0], windows.at(-1)];
  const count = trials.toLocaleString('en');
  return [
    {
      what: `inline, the last thousand of ${count} trials / the first`,
      got: last / first,
      limit: 1.5,
      unit: '×',
      detail: `${last.toFixed(0)} µs / ${first.toFixed(0)} µs a trial`,
    },
    { what: `inline, the heap over ${count} trials`, got: heap / 1e6, limit: 300, unit: 'MB', detail: `the largest of ${trials / 100} looks` },
  ];
}

function print(measures: readonly Measure[]): void {
  const rows = measures.map(({ what, got, limit, unit, detail }) => [
    what,
    `${got.toFixed(unit === 'MB' ? 0 : 2)} ${unit}`,
    limit === Infinity ? '' : `≤ ${limit} ${unit}`,
    got <= limit ? 'ok' : 'TOO MUCH',
    detail,
  ]);
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  for (const row of rows)
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}
