import { describe, expect, onTestFinished, test } from 'vitest';
import { ResultGrid } from '../../src/results/result-grid.ts';
import type { ExperimentEvent } from '../../src/trial/events.ts';
import { trialId } from '../../src/trial/ids.ts';
import { consoleReporter } from '../../src/watch/console-reporter.ts';
import { summaryLines } from '../../src/watch/event-lines.ts';
import { fakeTerminal } from './fake-terminal.ts';
import { reported, Story, temporaryDirectory } from './story.ts';

const config = { lr: 0.0097813, momentum: 0.9, layers: [32, 16], model: { act: 'relu' } };
const stopped: ExperimentEvent = { kind: 'stopped', trial: trialId(0), by: 'asha', reason: 'rung 3: rank 4 of 5, only the best 1 go on' };

function watched(verbose?: 0 | 1 | 2) {
  const terminal = fakeTerminal();
  const console = consoleReporter({ terminal, ...(verbose === undefined ? {} : { verbose }) });
  const told = new Story('/tmp/runs/test', { callbacks: [console] });
  const opens = () => told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 3, slots: 2 });
  return { told, opens, said: () => terminal.stderr.taken() };
}

describe('consoleReporter', () => {
  test('says of a stopped trial how it stood, and why', async () => {
    const { told, said } = watched();
    await told.starts(config);
    await told.happens(reported(0, 1, { score: 0.93 }), stopped);
    expect(said()).toBe(
      `${told.trials[0]?.name} stopped    score=0.93  iter 1  lr=0.0098 momentum=0.9 layers=[32,16] model/act=relu  (asha: rung 3: rank 4 of 5, only the best 1 go on)\n`,
    );
  });

  test('says of a failed trial what was thrown, in one line, and where to read on', async () => {
    const { told, said } = watched();
    await told.starts({ lr: 1e-6 });
    await told.happens({ kind: 'failed', trial: trialId(0), error: { name: 'TypeError', message: 'x is not a function\nmore' } });
    const { name, dir } = told.trials[0] ?? {};
    expect(said()).toBe(`${name} failed     score=?  iter 0  lr=1e-6  TypeError: x is not a function  /tmp/runs/test/${dir}/error.txt\n`);
  });

  test('begins with what is tuned and where, and ends with the best trial', async () => {
    const { told, said } = watched();
    await told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 3, slots: 2 });
    await told.runs({ lr: 1 }, [{ score: 0.5 }]);
    await told.runs({ lr: 2 }, [{ score: 0.75 }, { score: 0.7 }]);
    await told.runs({ lr: 3 }, [{ score: Number.NaN }]);
    await told.starts({ lr: 4 });
    await told.happens({ kind: 'failed', trial: trialId(3), error: { name: 'Error', message: 'no' } });
    await told.happens({ kind: 'closed', why: 'all samples ran' });
    const lines = said().split('\n');
    expect(lines.slice(0, 2)).toEqual(['Tuning train: basicVariant, asha, samples: 3, 2 trials at a time', '  in /tmp/runs/test']);
    expect(lines.slice(-4)).toEqual([
      '4 trials: 3 completed, 1 failed (all samples ran)',
      `Best score (max): ${told.trials[1]?.name}  score=0.7  iter 2  lr=2`,
      'Results: /tmp/runs/test',
      '',
    ]);
  });

  test('says so when no trial can be the best', async () => {
    const { told, opens, said } = watched();
    await opens();
    said();
    await told.happens({ kind: 'closed', why: '' });
    expect(said()).toBe('0 trials\nResults: /tmp/runs/test\n');
  });

  test('and why, when none has ended well', async () => {
    const why = (told: Story) => summaryLines(told.view).slice(1, -1);
    const told = new Story('/tmp/runs/test', { callbacks: [] });
    await told.starts();
    expect(why(told)).toEqual(['No best score: no trial has reported.']);
    await told.happens({ kind: 'failed', trial: trialId(0), error: { name: 'Error', message: 'no' } });
    expect(why(told)).toEqual(['No best score: every trial failed.']);
    await told.starts();
    expect(why(told)).toEqual(['No best score: no trial that has not failed has reported.']);
    await told.happens(reported(1, 1, { score: Number.NaN }));
    expect(why(told)).toEqual(['No best score: no trial that has not failed has a last score that is a finite number.']);
  });

  test('names no best that the results contradict: what only an earlier report has, it leaves to them', async () => {
    const told = new Story(temporaryDirectory(onTestFinished));
    const lines = () => summaryLines(told.view).slice(1, -1);
    const best = () => new ResultGrid(told).getBestResult().metrics.trial_id;
    await told.runs({ i: 0 }, [{ score: 5 }, { other: 1 }]);
    expect(best()).toBe(told.trials[0]?.name);
    expect(lines()).toEqual(['Best score (max): not among the last reports; that of 1 trial has no score: see getBestResult()']);
    await told.runs({ i: 1 }, [{ score: 4 }]);
    expect(best()).toBe(told.trials[0]?.name);
    expect(lines()).toEqual([
      `Best score (max): ${told.trials[1]?.name}  score=4  iter 1  i=1`,
      '  among the last reports; that of 1 trial has no score: see getBestResult()',
    ]);
  });

  test('names the trial that getBestResult gives, when every last report has the metric', async () => {
    const told = new Story(temporaryDirectory(onTestFinished));
    for (const score of [0.5, Number.NaN, 0.9, 0.9, Infinity]) await told.runs({ score }, [{ score: 1 }, { score }]);
    expect(summaryLines(told.view)).toContainEqual(expect.stringContaining(`Best score (max): ${new ResultGrid(told).getBestResult().metrics.trial_id} `));
  });

  test('is silent with verbose 0, and says every report with 2', async () => {
    for (const [verbose, lines] of [
      [0, 0],
      [1, 1],
      [2, 3],
    ] as const) {
      const { told, said } = watched(verbose);
      await told.runs({}, [{ score: 1 }, { score: 2 }]);
      expect(said().split('\n').length - 1).toBe(lines);
    }
  });

  test('writes whole lines, whatever metrics, parameters, reasons and errors hold', async () => {
    const metric = 'a\nb\x1b[2J';
    const terminal = fakeTerminal();
    const told = new Story('/tmp/runs/\ntest', { objectives: [{ metric, mode: 'min' }], callbacks: [consoleReporter({ terminal, verbose: 2 })] });
    const huge = 'x\r\n'.repeat(300_000);
    await told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 3, slots: 2 });
    await told.starts({ [huge]: huge, list: Array.from({ length: 1000 }, () => huge.slice(0, 99)) });
    await told.happens(reported(0, 1, { [metric]: 1 }));
    await told.happens({ kind: 'stopped', trial: trialId(0), by: 'me', reason: huge });
    await told.starts(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`p${i}`, i])));
    await told.happens({ kind: 'failed', trial: trialId(1), error: { name: huge, message: huge } });
    await told.happens({ kind: 'closed', why: '' });
    const lines = terminal.stderr.text.split('\n');
    expect(lines).toHaveLength(2 + 3 + 3 + 1);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(2500);
  });
});
