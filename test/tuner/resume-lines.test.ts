import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '../../algorithms/random.ts';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import type { TunerOptions } from '../../src/index.ts';
import { defineTrainable, hooks, inline, processes, sampleFrom, threads, uniform } from '../../src/index.ts';
import type { TrainableRef } from '../../src/trainable/trainable-ref.ts';
import { createdEvent } from '../../src/tuner/created.ts';
import { makePlan } from '../../src/tuner/plan.ts';
import { resumeLines } from '../../src/tuner/resume-lines.ts';
import { restoreOptionsOf, type SessionRecord, sessionRecord } from '../../src/tuner/session-record.ts';

const train = defineTrainable(pathToFileURL('/project/train.ts').href, () => ({ loss: 1 }), { name: 'train' }) as unknown as TrainableRef;
const metric = { metric: 'loss', mode: 'min' } as const;

function recorded(options: TunerOptions, trainable = train) {
  const plan = makePlan(trainable, { tuneConfig: metric, ...options }, () => 7);
  const created = createdEvent(plan, 'name', {});
  // As it comes back from the journal.
  return { created, session: JSON.parse(JSON.stringify(sessionRecord(plan, created))) as SessionRecord };
}

test('what is data comes back as it was given', () => {
  const tuneConfig = { maxConcurrentTrials: 2, timeBudgetS: 60 };
  const runConfig = {
    ...{ syncPeriodMs: 50, failureConfig: { maxFailures: 2, backoffS: 1 }, trialTimeoutS: 5, stopGraceS: 1 },
    ...{ loggers: ['json' as const], callbacks: [], handleSignals: true, verbose: 2 as const },
  };
  const { session } = recorded({
    tuneConfig: { ...metric, ...tuneConfig, searchAlg: random(), scheduler: asha() },
    runConfig: { ...runConfig, name: 'n', executor: threads({ workers: 3 }), stop: 'loss < 0.1', resources: { cpu: 2 } },
  });
  expect(session.code).toEqual([]);
  const { tuneConfig: tune, runConfig: run } = restoreOptionsOf(session);
  expect(tune).toEqual(tuneConfig);
  expect(run).toMatchObject(runConfig);
  expect(run?.executor).toMatchObject({ name: 'threads', slots: 3 });
  const others = { executor: processes({ workers: 2, memoryMb: 500 }) };
  expect(restoreOptionsOf(recorded({ runConfig: others }).session).runConfig?.executor).toMatchObject({
    name: 'processes',
    slots: 2,
    options: { memoryMb: 500 },
  });
  expect(Object.keys(run ?? {}).sort()).toEqual([...Object.keys(runConfig), 'executor'].sort());
});

describe('what is code is named, and makes a line of code', () => {
  test.each<[string, TunerOptions]>([
    ['paramSpace (sampleFrom at y)', { paramSpace: { x: uniform(0, 1), y: sampleFrom(() => 1) } }],
    ['tuneConfig.searchAlg "mine"', { tuneConfig: { ...metric, searchAlg: { ...random(), name: 'mine' } } }],
    ['tuneConfig.scheduler "mine"', { tuneConfig: { ...metric, scheduler: { ...fifo(), name: 'mine' } } }],
    ['runConfig.stop (a function)', { runConfig: { stop: ['loss < 0.1', () => false] } }],
    ['runConfig.callbacks', { runConfig: { callbacks: [hooks({})] } }],
    ['runConfig.loggers', { runConfig: { loggers: ['json', hooks({})] } }],
    ['runConfig.reporter', { runConfig: { reporter: () => '' } }],
    ['runConfig.trialDirName', { runConfig: { trialDirName: () => 'x' } }],
    ['runConfig.executor', { runConfig: { executor: inline() } }],
    ['runConfig.executor', { runConfig: { executor: processes({ env: { KEY: 'a secret, perhaps' } }) } }],
    ['runConfig.executor', { runConfig: { executor: { ...threads(), name: 'cluster' } } }],
  ])('%s', (name, options) => {
    const { created, session } = recorded(options);
    expect(session.code).toEqual([name]);
    expect(resumeLines('/data/it', created, session)).toEqual([
      `To go on with it, in a script that has its code; options holds its ${name}:`,
      'const grid = await (await Tuner.restore("/data/it", train, options)).fit();',
    ]);
  });

  test('a bare function', () => {
    const bare = { kind: 'trainable', name: '3 steps', form: 'function', implementation: () => 1 } as const;
    const { created, session } = recorded({}, bare);
    expect(session.code).toEqual(['trainable']);
    expect(resumeLines('/data/it', created, session).at(-1)).toBe('const grid = await (await Tuner.restore("/data/it", trainable)).fit();');
  });

  test('a space with text that looks like a function is data', () => {
    expect(recorded({ paramSpace: { a: '"$domain":"sampleFrom"', $$domain: 'sampleFrom' } }).session.code).toEqual([]);
  });
});

test('else it is a command', () => {
  const { created, session } = recorded({});
  expect(resumeLines('/data/it goes on', created, session)).toEqual(['To go on with it:', "npx attune resume '/data/it goes on'"]);
});

describe('its path is one word of a shell', () => {
  const { created, session } = recorded({});
  const command = (path: string, platform: NodeJS.Platform): string => resumeLines(path, created, session, platform).at(-1) ?? '';

  test('a law: sh reads back what was quoted', () => {
    const paths = fc.array(
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\0]/.test(text)),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(paths, (words) => {
        const show = `npx() { printf '%s\\0' "$3"; }; ${words.map((word) => command(word, 'linux')).join('; ')}`;
        expect(execFileSync('sh', ['-c', show], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 20 },
    );
  });

  test('is as it is when it needs no quotes', () => {
    expect(command('/data/mnist_2026-01-31', 'linux')).toBe('npx attune resume /data/mnist_2026-01-31');
    expect(command('C:\\data\\mnist', 'win32')).toBe('npx attune resume C:\\data\\mnist');
    expect(command('C:\\my data', 'win32')).toBe('npx attune resume "C:\\my data"');
  });
});
