import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Reported, reportedOf, reportPage } from '../../../src/analysis/plots/report-page.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { gridSearch, ResultGrid, Tuner } from '../../../src/index.ts';
import { reportsOf } from './trials.ts';

const reported: Reported = {
  ...{ title: 'mnist </script>', facts: [['seed', '7 <b>']] },
  ...{ objectives: [{ metric: 'loss', mode: 'min' }], reports: reportsOf({ trials: 12 }), timeline: [], results: [], errors: [] },
  ...{ searcher: 'tpe', scheduler: 'fifo' },
};
const headings = (html: string): readonly string[] => [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, text = '']) => text);
const specs = (html: string): readonly JsonObject[] => JSON.parse(/^const specs = (.*);$/m.exec(html)?.[1] ?? '[]') as JsonObject[];

describe('a report', () => {
  test('has every plot that applies on one page, its texts as texts', async () => {
    const html = await reportPage(reported);
    expect(headings(html)).toEqual([
      'Conclusions',
      'How loss went',
      'What loss depends on',
      'Importance for loss',
      'Distribution of loss',
      'All parameters at once',
    ]);
    expect(specs(html)).toHaveLength(2 + 3 + 1 + 2 + 1 + 1 + 1);
    expect(html.match(/class="plot"/g)).toHaveLength(specs(html).length);
    expect(html).toMatch(/<li>Caution: [^<]*tpe/);
    expect(html).toContain('95 %');
    expect(html.match(/<\/script/gi)).toHaveLength(2);
  });

  test('of several metrics, of a scheduler with rungs and of a population has more', async () => {
    const stretch = { trial: 0, trial_id: 'a', from_s: 0, to_s: 1, from_step: 0, to_step: 4, worker: 'host:1', end: 'completed' } as const;
    const lineage = [
      { trial: 'a', step: 0 },
      { trial: 'b', step: 2 },
    ];
    const html = await reportPage({
      ...reported,
      objectives: [
        { metric: 'loss', mode: 'min' },
        { metric: 'latency', mode: 'min' },
      ],
      ...{ timeline: [stretch], results: [{ metrics: { trial_id: 'b', training_iteration: 4 }, lineage }], scheduler: 'asha' },
    });
    expect(headings(html)).toEqual(expect.arrayContaining(['Trade-offs', 'Hypervolume', 'Rungs', 'Lineage', 'Importance for latency', 'When trials ran']));
  });

  test('shows every rung of asha, also one where nobody ended', async () => {
    const reports = reportsOf({ trials: 6, steps: 4 }).filter((row) => row.training_iteration === 1 || Number(String(row.trial_id).slice(-1)) < 2);
    const scheduler = { name: 'asha', options: { gracePeriod: 1, reductionFactor: 2, maxT: 4 } };
    const html = await reportPage({ ...reported, reports, scheduler });
    expect(html.includes('"values":[1,2,4]')).toBe(true);
  });

  test('of trials that all failed says so, with what they failed of, and leaves the rest away', async () => {
    const errors = ['Error: out of <memory>', 'TypeError: x of trial 0', 'TypeError: x of trial 12'];
    const html = await reportPage({ ...reported, reports: [], errors });
    expect(headings(html)).toEqual(['Errors', 'Conclusions']);
    expect(html).toContain('<li>2 trials: TypeError: x of trial 0</li><li>1 trial: Error: out of &lt;memory&gt;</li>');
    expect(html).toContain('No trial has reported anything yet');
  });

  test('counts trials that failed before they reported, and has doubts when they are many', async () => {
    const fails = ({ lr }: { lr: number }) => {
      if (lr > 0.5) throw new Error('boom');
      return { loss: lr };
    };
    const runConfig = { storagePath: mkdtempSync(join(tmpdir(), 'attune-report-')), name: 'failing', verbose: 0 } as const;
    try {
      const tuner = new Tuner(fails, { paramSpace: { lr: gridSearch([0.9, 0.1, 0.7, 0.2]) }, tuneConfig: { metric: 'loss', mode: 'min' }, runConfig });
      const grid = await tuner.fit();
      const { reports, errors } = await reportedOf(ResultGrid.fromDirectory(grid.experimentPath));
      expect(reports.map((row) => row.loss)).toEqual([null, 0.1, null, 0.2]);
      expect(errors).toEqual(['Error: boom', 'Error: boom']);
      const html = await reportPage({ ...reported, reports, errors });
      expect(html.includes('2 of 4 trials have no finite loss and are left out')).toBe(true);
      expect(html.includes('best: 0.1, trial 1')).toBe(true);
    } finally {
      rmSync(runConfig.storagePath, { recursive: true });
    }
  });

  test('of one trial concludes nothing, and says it', async () => {
    const html = await reportPage({ ...reported, reports: reportsOf({ trials: 1 }) });
    expect(html.includes('<li>No parameter varies among the trials')).toBe(true);
    expect(headings(html)).not.toContain('Not drawn');
  });

  test('names what could not be drawn, with the reason', async () => {
    const html = await reportPage({ ...reported, objectives: [{ metric: 'acc', mode: 'max' }] });
    expect(headings(html)).toContain('Not drawn');
    expect(html).toContain('expected a column &quot;acc&quot;');
    expect(html).not.toContain('Hint:');
    expect(specs(html)).toEqual([]);
  });
});
