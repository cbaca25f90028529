import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asha } from '../schedulers/index.ts';
import { AttuneError, ERROR_CODES, type ErrorCode } from '../src/base/errors.ts';
import { ResultGrid } from '../src/results/result-grid.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';
import { choice, expr, quniform, uniform } from '../src/space/domains.ts';
import { compileSpace } from '../src/space/space.ts';
import { copyMetrics } from '../src/trainable/copy-metrics.ts';
import { trialId } from '../src/trial/ids.ts';
import { metricMissing } from '../src/trial/metrics.ts';
import { Tuner } from '../src/tuner/tuner.ts';
import { Story } from './watch/story.ts';

const pages = [...readdirSync('.'), ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((file) => join('docs', file))]
  .filter((file) => file.endsWith('.md'))
  .sort();

const withoutCode = (markdown: string): string => markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const headingsOf = (file: string): string[] =>
  [
    ...readFileSync(file, 'utf8')
      .replace(/^```[\s\S]*?^```/gm, '')
      .matchAll(/^#+ (.*)$/gm),
  ].map(([, heading = '']) => heading);

test('there is a README', () => {
  expect(pages).toContain('README.md');
});

test('every relative link leads to a file, and to a heading of it', () => {
  const broken = pages.flatMap((page) =>
    [...withoutCode(readFileSync(page, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        if (!existsSync(file)) return true;
        return anchor !== undefined && file.endsWith('.md') && !headingsOf(file).map(anchorOf).includes(anchor);
      })
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('the hints of errors name pages that exist', () => {
  const named = ERROR_CODES.flatMap((code) => [...new AttuneError(code, '').hint.matchAll(/docs\/[\w/-]+\.md/g)].map(([file]) => file));
  expect([...new Set(named)].filter((file) => !existsSync(file))).toEqual([]);
});

describe('docs/errors.md', () => {
  const text = readFileSync('docs/errors.md', 'utf8');
  const sections = headingsOf('docs/errors.md').filter((heading) => /^[A-Z_]+$/.test(heading));

  test('has one section for each code, and none for a code that is gone', () => {
    expect([...sections].sort()).toEqual([...ERROR_CODES].sort());
  });

  test('each section shows a message that ends with its code', () => {
    const without = ERROR_CODES.filter((code) => {
      const section = text.split(/^## /m).find((part) => part.startsWith(`${code}\n`)) ?? '';
      return !section.includes(`[${code}]\n\`\`\``);
    });
    expect(without).toEqual([]);
  });

  class Tensor {
    readonly dtype = 'float32';
    dataSync(): void {}
  }
  const train = () => ({ loss: 1 });
  const space = { lr: uniform(0, 1), batch: choice([16, 32]) };
  const pbt: Scheduler = { name: 'pbt', uses: ['stop', 'exploit'], init: () => null, decide: (state) => ({ state, decisions: [] }) };

  test.each<readonly [ErrorCode, () => unknown]>([
    ['SPACE_INVALID', () => choice([])],
    ['SPACE_BOUNDS', () => uniform(1, 0)],
    ['SPACE_QUANTUM', () => quniform(0, 1.1, 0.25)],
    ['EXPRESSION_INVALID', () => compileSpace({ ...space, decay: expr('rate * 2') })],
    ['CONFIG_INVALID', () => new Tuner(train, { paramSpace: space, tuneConfig: { pointsToEvaluate: [{ lr: 0.5, start: new Date(0) }] as never } })],
    ['OPTION_UNKNOWN', () => asha({ maxSteps: 9 } as never)],
    ['OPTION_RANGE', () => asha({ reductionFactor: 1 })],
    ['METRIC_INVALID', () => new Tuner(train, { paramSpace: space, tuneConfig: { metric: 'loss' } as never })],
    ['METRIC_MISSING', () => fail(metricMissing('mean_accuracy', { loss: 1, accuracy: 1 }))],
    ['METRIC_NOT_JSON', () => copyMetrics('report', { loss: new Tensor() })],
    ['SCHEDULER_UNSUPPORTED', () => new Tuner(train, { paramSpace: space, runConfig: { stop: pbt } })],
  ])('%s shows the message that the code gives', (code, call) => {
    expect(call).toThrow(expect.objectContaining({ code }));
    expect(text).toContain(`\n${messageOf(call)}\n`);
  });

  test('RESULT_NOT_FOUND shows the message that the code gives', async () => {
    const told = new Story('/data/mnist', { objectives: [{ metric: 'loss', mode: 'min' }], callbacks: [] });
    for (let i = 0; i < 3; i++) await told.runs({}, [{ loss: Number.NaN }]);
    await told.starts({});
    await told.happens({ kind: 'failed', trial: trialId(3), error: { name: 'Error', message: 'no' } });
    expect(text).toContain(`\n${messageOf(() => new ResultGrid(told).getBestResult())}\n`);
  });
});

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

function fail(error: Error): never {
  throw error;
}
