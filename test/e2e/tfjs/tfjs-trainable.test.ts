import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linesOf } from '../../journal-story.ts';
import { runNode } from '../run-node.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-tfjs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Row = Readonly<Record<string, number>>;
interface Shown {
  readonly path: string;
  readonly trials: readonly {
    readonly status: string;
    readonly error?: string;
    readonly config: { readonly lr: number; readonly rate: number };
    readonly rows: readonly Row[];
  }[];
}

async function tune(mode: string, executor: string, backend: string): Promise<Shown> {
  const script = join(import.meta.dirname, 'scripts/tune.mjs');
  const { stdout } = await runNode([script], { env: { ...process.env, MODE: mode, EXECUTOR: executor, BACKEND: backend, FOLDER: folder } });
  return JSON.parse(stdout.slice(stdout.indexOf('{"trials"'))) as Shown;
}

const loads = (mode: string, executor: string, backend: string) =>
  readFileSync(join(folder, `loads-${mode}-${executor}-${backend}`), 'utf8')
    .trim()
    .split('\n');

/** Of every trial and epoch, what training gave. */
const outcomes = ({ trials }: Shown) =>
  trials.flatMap(({ rows }) => rows.map((row) => [row['training_iteration'], row['loss'], row['val_loss'], row['bias']] as number[]));

let whole: Shown;
beforeAll(async () => {
  whole = await tune('whole', 'threads', 'cpu');
});

describe('tfjsTrainable in workers', () => {
  test('trains as many epochs as asked for, on data that one thread loads for all, and leaves no tensor behind', () => {
    expect(whole.trials.map(({ status, error }) => [status, error])).toEqual(Array.from({ length: 4 }, () => ['TERMINATED', undefined]));
    const rows = whole.trials.flatMap((trial) => trial.rows);
    expect(rows.map((row) => row['training_iteration'])).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
    expect(rows.every((row) => row['fresh'] === 0 && row['is_shared'] === 1 && row['steps'] === 3)).toBe(true);
    expect(loads('whole', 'threads', 'cpu')).toHaveLength(1);
  });

  test.each([
    ['paused', 'threads', 'cpu'],
    ['paused', 'processes', 'cpu'],
    ['restored', 'threads', 'cpu'],
    ['paused', 'threads', 'wasm'],
  ])('%s in %s on %s: the losses of an unbroken run', async (mode, executor, backend) => {
    const broken = await tune(mode, executor, backend);
    const expected = outcomes(backend === 'cpu' ? whole : await tune('whole', executor, backend));
    const kinds = linesOf(broken.path).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === (mode === 'paused' ? 'paused' : 'opened'))).toHaveLength(mode === 'paused' ? 16 : 2);
    const got = outcomes(broken);
    expect(got).toHaveLength(expected.length);
    for (const [at, row] of expected.entries())
      for (const [column, value] of row.entries()) expect(Math.abs((got[at]?.[column] ?? NaN) - value)).toBeLessThan(1e-6);
    expect(broken.trials.flatMap(({ rows }) => rows).every((row) => row['fresh'] === 0 && row['steps'] === 3)).toBe(true);
    expect(loads(mode, executor, backend)).toHaveLength(executor === 'processes' || mode === 'restored' ? 2 : 1); // by process, and by session
  });

  test('a population copies weights and optimizer, and trains on with its own learning rate and dropout', async () => {
    const { trials, path } = await tune('population', 'threads', 'cpu');
    const exploits = linesOf(path).filter((line) => line.kind === 'exploited');
    expect(exploits.length).toBeGreaterThan(0);
    for (const { status, config, rows } of trials) {
      expect(status).toBe('TERMINATED');
      expect(rows.every((row) => row['steps'] === 3 && row['fresh'] === 0)).toBe(true);
      expect([rows.at(-1)?.['lr'], rows.at(-1)?.['rate']]).toEqual([config.lr, config.rate]);
    }
  });
});
