import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { encodeJson } from '../../src/base/json.ts';
import { ResultGrid, type TimelineRow } from '../../src/index.ts';
import { simulate } from '../../src/testing/simulate.ts';
import type { ExperimentEvent } from '../../src/trial/events.ts';
import { trialId } from '../../src/trial/ids.ts';
import { checkpointed, reported, Story, started, temporaryDirectory } from '../watch/story.ts';

const opened: ExperimentEvent = { kind: 'opened', pid: 42, host: 'here', samples: 9, slots: 1 };

/** The timeline of a story, whose journal is written for it. */
async function timelineOf(tell: (story: Story) => Promise<unknown>): Promise<readonly TimelineRow[]> {
  const story = new Story(temporaryDirectory(onTestFinished), { callbacks: [] });
  await story.happens(story.created, opened);
  await tell(story);
  writeFileSync(join(story.path, 'journal.jsonl'), story.lines.map((line) => `${encodeJson(line)}\n`).join(''));
  return ResultGrid.fromDirectory(story.path).timeline();
}

describe('timeline', () => {
  test('has one row for a trial that ran through', async () => {
    const rows = await timelineOf(async (story) => {
      story.passes(2);
      await story.starts({ i: 0 });
      story.passes(3);
      await story.happens(reported(0, 1, { score: 1 }), reported(0, 2, { score: 2 }), { kind: 'completed', trial: trialId(0) });
    });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      trial: 0,
      trial_id: expect.stringMatching(/^\w{5}_00000$/),
      from_step: 0,
      to_step: 2,
      worker: 'here:42/3',
      end: 'completed',
    });
    expect([rows[0]?.from_s, rows[0]?.to_s].map((s) => Math.round(s ?? -1))).toEqual([2, 5]);
  });

  test('has one row per stretch of a trial that was paused, repeated after a failure, and stopped', async () => {
    const [trial, error] = [trialId(0), { name: 'Error', message: 'out of luck' }];
    const rows = await timelineOf(async (story) => {
      await story.starts();
      await story.happens(reported(0, 1, { score: 1 }, 'checkpoint_000000'), checkpointed(0, 1, 'checkpoint_000000'));
      await story.happens({ kind: 'paused', trial, by: 'hyperband', reason: 'waits for its bracket' });
      await story.happens({ kind: 'started', trial, run: 1, step: 1, checkpoint: 'checkpoint_000000' } as ExperimentEvent, { kind: 'retried', trial, error });
      await story.happens(started(0, 1), reported(0, 2, { score: 2 }), { kind: 'stopped', trial, by: 'hyperband', reason: 'rank 3 of 3' });
    });
    expect(rows.map(({ from_step, to_step, end, by, reason }) => ({ from_step, to_step, end, by, reason }))).toEqual([
      { from_step: 0, to_step: 1, end: 'paused', by: 'hyperband', reason: 'waits for its bracket' },
      { from_step: 1, to_step: 1, end: 'failed', by: undefined, reason: 'out of luck' },
      { from_step: 1, to_step: 2, end: 'stopped', by: 'hyperband', reason: 'rank 3 of 3' },
    ]);
    expect(rows[1]?.worker).toBe('');
  });

  test('ends what a session left open when that was last heard of', async () => {
    const rows = await timelineOf(async (story) => {
      await story.starts();
      await story.starts();
      await story.starts();
      story.passes(4);
      await story.happens(reported(0, 1, { score: 1 }));
      story.passes(60);
      await story.happens(opened, { kind: 'stopped', trial: trialId(1), by: 'asha', reason: 'rank 2 of 2' }, started(0));
      await story.happens(
        { kind: 'paused', trial: trialId(0), by: 'user', reason: 'paused by hand' },
        { kind: 'stopped', trial: trialId(0), by: 'user', reason: '' },
      );
    });
    expect(rows.map(({ trial, end }) => [trial, end])).toEqual([
      [0, 'interrupted'],
      [1, 'stopped'], // decided before the interruption
      [2, 'interrupted'],
      [0, 'paused'],
    ]);
    expect(rows.map(({ from_s, to_s }) => [Math.floor(from_s), Math.floor(to_s)])).toEqual([
      [0, 4],
      [0, 4],
      [0, 4],
      [64, 64],
    ]);
  });

  test('says by whom and for what a trial was exploited', async () => {
    const rows = await timelineOf(async (story) => {
      await story.starts();
      await story.starts();
      await story.happens(reported(0, 1, { score: 1 }, 'checkpoint_000000'), checkpointed(0, 1, 'checkpoint_000000'), reported(1, 1, { score: 0 }));
      const copy = { source: 'checkpoint_000000', checkpoint: 'checkpoint_000000', step: 1, config: {}, reason: 'rank 2 of 2: goes on from trial 0' };
      await story.happens({ kind: 'exploited', trial: trialId(1), from: trialId(0), ...copy }, started(1, 1));
    });
    expect(rows[1]).toMatchObject({ trial: 1, end: 'exploited', by: 'asha', reason: 'rank 2 of 2: goes on from trial 0' });
    expect(rows.slice(2)).toMatchObject([{ trial: 1, from_step: 1, to_step: 1, end: 'interrupted' }]);
  });

  test('is [] when nothing has run', async () => {
    expect(await timelineOf(() => Promise.resolve())).toEqual([]);
  });

  test('of a simulation covers the time that its trials took', async () => {
    const { grid } = await simulate({ scheduler: asha({ maxT: 9 }), trials: 9, workers: 2, seed: 1, curve: ({ x }, step) => x / step });
    const rows = grid.timeline();
    expect(rows.map(({ trial }) => trial)).toEqual([...grid].map((_, i) => i));
    expect(rows.map(({ to_step }) => to_step)).toEqual([...grid].map(({ metrics }) => metrics.training_iteration));
    for (const row of rows) expect(row.to_s - row.from_s).toBeCloseTo(grid.get(row.trial).metrics.time_total_s, 3);
    expect(rows.filter(({ end }) => end === 'stopped').every(({ by, reason }) => by === 'asha' && reason !== '')).toBe(true);
  });
});
