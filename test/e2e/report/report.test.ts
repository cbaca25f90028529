import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choice, run, uniform } from 'attune';
import { asha } from 'attune/schedulers';
import { afterAll, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

const storagePath = mkdtempSync(join(tmpdir(), 'attune-e2e-report-'));
afterAll(() => rmSync(storagePath, { recursive: true, force: true }));
const cli = join(import.meta.dirname, '../../../dist/cli.js');

test('attune report writes one page, conclusions first, with every plot that applies', async () => {
  await run(
    async ({ lr, act }: { lr: number; act: string }, trial) => {
      for (let epoch = 1; epoch <= 9; epoch++) await trial.report({ loss: lr + (act === 'elu' ? 0.5 : 0) + 1 / epoch });
    },
    {
      config: { lr: uniform(0, 1), act: choice(['relu', 'elu']) },
      ...{ metric: 'loss', mode: 'min', numSamples: 40, seed: 3, scheduler: asha({ maxT: 9 }), storagePath, name: 'lines', verbose: 0 },
    },
  );
  const dir = join(storagePath, 'lines');
  expect((await runNode([cli, 'report', dir])).stdout).toBe(`${join(dir, 'report.html')}\n`);
  const html = readFileSync(join(dir, 'report.html'), 'utf8');
  expect([...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading)).toEqual([
    'Conclusions',
    'How loss went',
    'What loss depends on',
    'Importance for loss',
    'Distribution of loss',
    'All parameters at once',
    'Rungs',
    'When trials ran',
  ]);
  expect(html).toMatch(/<li>[^<]*act[^<]*relu[^<]*<\/li>/);
  expect(html).toMatch(/<li>Caution: [^<]*asha/);
  expect(html).not.toMatch(/(src|href)="https?:/);
});

test('attune report says what is no experiment, and how it is called', async () => {
  await expect(runNode([cli, 'report', storagePath])).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('EXPERIMENT_NOT_FOUND') });
  await expect(runNode([cli, 'report'])).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('expected one experiment directory') });
});
