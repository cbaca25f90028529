import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/space/config.ts';
import { Trainable } from '../../src/trainable/trainable.ts';
import type { TrialContext } from '../../src/trainable/trial-context.ts';
import { kinds, play, type Scene } from './world.ts';

let calls: string[] = [];

class Counter extends Trainable<Config> {
  protected count = 0;
  setup(config: Config, _trial: TrialContext): void | Promise<void> {
    calls.push(`setup ${config['x']}`);
  }
  step(): { readonly [key: string]: unknown } {
    this.count += 1;
    calls.push(`step ${this.count}`);
    return { count: this.count, ...(this.count === 3 ? { done: true } : {}) };
  }
  async save(dir: string): Promise<void> {
    calls.push('save');
    await writeFile(join(dir, 'count'), String(this.count));
  }
  async restore(dir: string): Promise<void> {
    calls.push('restore');
    this.count = Number(await readFile(join(dir, 'count'), 'utf8'));
  }
  override cleanup(): void | Promise<void> {
    calls.push('cleanup');
  }
}

const run = (implementation: new () => Trainable<Config>, scene?: Scene): ReturnType<typeof play> => {
  calls = [];
  return play(implementation, 'class', scene);
};

describe('a class', () => {
  test('is set up, stepped until a step says done, and cleaned up', async () => {
    const { events, ending } = await run(Counter);
    expect(calls).toEqual(['setup 1', 'step 1', 'step 2', 'step 3', 'cleanup']);
    expect(events).toMatchObject([{ step: 1, metrics: { count: 1 }, canSave: true }, { step: 2 }, { step: 3, metrics: { count: 3, done: true } }]);
    expect(ending).toEqual({ how: 'completed' });
  });

  test('goes on from a checkpoint, in a fresh instance', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'attune-class-'));
    const path = join(dir, 'checkpoint_000000');
    const paused = await run(Counter, { replies: [{ then: 'continue' }, { save: path, then: 'continue' }, { then: 'pause' }] });
    expect(paused.ending).toEqual({ how: 'paused' });
    expect(calls).toEqual(['setup 1', 'step 1', 'step 2', 'save', 'cleanup']);
    const resumed = await run(Counter, { trial: { checkpoint: path, step: 2 } });
    expect(calls).toEqual(['setup 1', 'restore', 'step 3', 'cleanup']);
    expect(resumed.events).toMatchObject([{ step: 3, metrics: { count: 3 } }]);
    await rm(dir, { recursive: true });
  });

  test('has completed when its checkpoint leaves nothing to do', async () => {
    class Full extends Counter {
      override restore = () => {
        calls.push('restore');
        return Promise.resolve({ done: true }) as never;
      };
    }
    const { events, ending } = await run(Full, { trial: { checkpoint: tmpdir(), step: 3 } });
    expect(calls).toEqual(['setup 1', 'restore', 'cleanup']);
    expect([events, ending]).toEqual([[], { how: 'completed' }]);
  });

  test('saves its last step although it was told to stop meanwhile', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'attune-class-'));
    const path = join(dir, 'checkpoint_000000');
    const { events, ending } = await run(Counter, { stopAfter: 1, replies: [{ save: path, then: 'continue' }, { then: 'stop' }] });
    expect(kinds(events)).toEqual(['reported', 'checkpointed']);
    expect(ending).toEqual({ how: 'stopped' });
    expect(await readFile(join(path, 'count'), 'utf8')).toBe('1');
    await rm(dir, { recursive: true });
  });

  test('is cleaned up after an error too, and an error of the clean-up itself fails a trial that was well', async () => {
    class Throws extends Counter {
      override step(): never {
        throw new Error('in step');
      }
    }
    class CleansBadly extends Counter {
      override cleanup(): never {
        throw new Error('in cleanup');
      }
    }
    expect((await run(Throws)).ending).toMatchObject({ how: 'failed', error: { message: 'in step' } });
    expect(calls).toContain('cleanup');
    expect((await run(CleansBadly)).ending).toMatchObject({ how: 'failed', error: { message: 'in cleanup' } });
    expect((await run(CleansBadly, { replies: [{ then: 'stop' }] })).ending).toEqual({ how: 'stopped' });
  });

  test('may not report, and must return an object from step', async () => {
    class Reports extends Counter {
      override setup(_config: Config, trial: TrialContext): Promise<void> {
        return trial.report({ loss: 1 });
      }
    }
    class Forgets extends Counter {
      override step(): never {
        return undefined as never;
      }
    }
    expect((await run(Reports)).ending).toMatchObject({
      how: 'failed',
      error: { code: 'REPORT_IN_CLASS', message: expect.stringContaining('return the metrics from step()') },
    });
    expect((await run(Forgets)).ending).toMatchObject({
      how: 'failed',
      error: { code: 'METRIC_NOT_JSON', message: expect.stringContaining('step: expected an object of metrics, got undefined') },
    });
  });
});
