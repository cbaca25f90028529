import { expect, test } from 'vitest';
import { processes } from '../../src/execute/processes.ts';
import { threads } from '../../src/execute/threads.ts';
import { processFlags } from '../../src/execute/worker-flags.ts';

test('options are looked at when the executor is made', () => {
  expect(() => processes({ workers: 0 })).toThrow('processes: expected workers to be an integer >= 1, got 0.');
  expect(() => processes({ memoryMb: 100 })).toThrow('processes: expected memoryMb to be an integer >= 128, got 100.');
  expect(() => processes({ memoryMb: Number.NaN })).toThrow('got NaN');
  expect(() => processes({ memory: 100 } as object)).toThrow('Did you mean "memoryMb"?');
  expect(() => processes({ execArgv: '--expose-gc' as never })).toThrow('processes: expected execArgv to be an array of strings');
  expect(() => threads({ memoryMb: 0 })).toThrow('threads: expected memoryMb to be an integer >= 1, got 0.');
  expect(() => threads({ memoryMb: 100, resourceLimits: { maxOldGenerationSizeMb: 100 } })).toThrow('got both');
  expect(processes({ workers: 3, memoryMb: 128, execArgv: ['--expose-gc'] })).toMatchObject({ name: 'processes', slots: 3 });
});

test('environment variables are texts, given for all slots or by a function that is asked once for each', () => {
  const asked: number[] = [];
  processes({
    workers: 3,
    env: (slot) => {
      asked.push(slot);
      return { CUDA_VISIBLE_DEVICES: String(slot), TERM: undefined };
    },
  });
  expect(asked).toEqual([0, 1, 2]);
  expect(() => processes({ workers: 2, env: (slot) => ({ GPU: slot }) as never })).toThrow(
    'processes: expected env(0).GPU to be a text, got 0. Hint: Write GPU: String(…).',
  );
  expect(() => processes({ env: { 'A=B': 'c' } })).toThrow('processes: expected names of variables in env, got "A=B".');
  expect(() => processes({ env: { A: 'b\0' } })).toThrow('processes: expected env.A to be a text');
  expect(() => processes({ workers: 1, env: () => null as never })).toThrow('processes: expected env(0) to be an object of texts, got null.');
});

test('processes have the options of Node that this one has, but not its program, its debugger, nor what makes it another kind of program', () => {
  const { execArgv } = process;
  process.execArgv = [
    '--inspect=9229',
    '--inspect-port',
    '9230',
    '--expose-gc',
    '--input-type=module',
    '--test',
    '--import',
    './a.mjs',
    '-e',
    'program',
    '--max-old-space-size=64',
  ];
  try {
    expect(processFlags(undefined)).toEqual(['--expose-gc', '--import', './a.mjs', '--max-old-space-size=64']);
    expect(processFlags(['--inspect=0'])).toEqual(['--inspect=0']);
  } finally {
    process.execArgv = execArgv;
  }
});
