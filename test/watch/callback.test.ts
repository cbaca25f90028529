import { describe, expect, onTestFinished, test } from 'vitest';
import { trialId } from '../../src/trial/ids.ts';
import { hooks } from '../../src/watch/callback.ts';
import { checkpointed, reported, Story, started, temporaryDirectory } from './story.ts';

describe('hooks', () => {
  test('calls each function by what happened', async () => {
    const seen: unknown[] = [];
    const callback = hooks({
      onExperimentStart: (view) => void seen.push(['open', view.trials.length]),
      onTrialStart: ({ id }) => void seen.push(['start', id]),
      onTrialReport: (_, row) => void seen.push(['result', row['score']]),
      onTrialCheckpoint: (_, { name }) => void seen.push(['checkpoint', name]),
      onTrialPause: ({ reason }) => void seen.push(['pause', reason?.reason]),
      onTrialRetry: (_, error) => void seen.push(['retry', error.message]),
      onTrialComplete: ({ reason }) => void seen.push(['complete', reason?.by]),
      onTrialError: (_, error) => void seen.push(['error', error.message]),
      onExperimentEnd: (view) => void seen.push(['close', view.trials.length]),
    });
    const told = new Story(temporaryDirectory(onTestFinished), { callbacks: [callback] });
    const trial = trialId(0);
    await told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 2, slots: 1 });
    await told.starts();
    await told.happens(reported(0, 1, { score: 5 }, 'checkpoint_000000'));
    await told.happens(checkpointed(0, 1, 'checkpoint_000000'));
    await told.happens({ kind: 'paused', by: 'asha', trial, reason: 'rung' });
    await told.happens(started(0, 1));
    await told.happens({ kind: 'retried', trial, error: { name: 'Error', message: 'first' } });
    await told.happens(started(0, 1));
    await told.happens({ kind: 'stopped', trial, by: 'asha', reason: 'low' });
    await told.starts();
    await told.happens({ kind: 'failed', trial: trialId(1), error: { name: 'Error', message: 'second' } });
    await told.happens({ kind: 'closed', why: 'done' });
    expect(seen).toEqual([
      ['open', 0],
      ['start', 0],
      ['result', 5],
      ['checkpoint', 'checkpoint_000000'],
      ['pause', 'rung'],
      ['start', 0],
      ['retry', 'first'],
      ['start', 0],
      ['complete', 'asha'],
      ['start', 1],
      ['error', 'second'],
      ['close', 2],
    ]);
  });

  test('waits for what a hook returns', () => {
    const promise = Promise.resolve();
    const told = new Story('/nowhere', { callbacks: [] });
    expect(hooks({ onExperimentEnd: () => promise }).onEvent({ kind: 'closed', why: '', at: 0 }, told.view)).toBe(promise);
  });

  test('may give anything back: what a push counts, what a fetch answers', () => {
    const names: string[] = [];
    const answer = Promise.resolve({ status: 200 });
    const callback = hooks({ name: 'loose', onTrialStart: (trial) => names.push(trial.name), onTrialReport: () => answer });
    expect(callback.name).toBe('loose');
  });

  test.each<[string, object, string, readonly string[]]>([
    ['of another name', { onTrialResult: () => {} }, 'OPTION_UNKNOWN', ['hooks', '"onTrialResult"', 'Did you mean "onTrialReport"?']],
    ['with a typing error', { onTrialcomplete: () => {} }, 'OPTION_UNKNOWN', ['"onTrialcomplete"', 'Did you mean "onTrialComplete"?']],
    ['that is no function', { onTrialStart: 'print' }, 'OPTION_RANGE', ['onTrialStart', '"print"']],
    ['instead of an object of them', (() => {}) as object, 'OPTION_RANGE', ['hooks']],
  ])('a hook %s is refused', (_, on, code, texts) => {
    const call = () => hooks(on as never);
    expect(call).toThrow(expect.objectContaining({ code }));
    for (const text of texts) expect(call).toThrow(text);
  });
});
