import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pythonWith } from './python-with.ts';

const exec = promisify(execFile);
const scripts = join(import.meta.dirname, 'scripts');
const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-readers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PACKAGES = ['pandas>=2,<4', 'tensorboard==2.21.*', 'ray[tune]==2.58.*'];

type Values = Readonly<Record<string, unknown>>;

/** A line of the journal, whatever it says. */
interface Line {
  readonly kind: string;
  readonly trial?: number;
  readonly step: number;
  readonly dir: string;
  readonly checkpoint: string;
  readonly config: Values;
  readonly metrics: Values;
}

interface Row {
  readonly step: number;
  readonly checkpoint: string | null;
  /** As JavaScript writes them: JSON has neither NaN nor infinities. */
  readonly numbers: Readonly<Record<string, string>>;
  readonly texts: Readonly<Record<string, string>>;
}

interface Trial {
  readonly path: string;
  readonly status: string;
  readonly config: Values;
  readonly rows: Row[];
}

/** What the journal says was reported: the truth, by another way than the logs take. */
function trialsOf(experiment: string): readonly Trial[] {
  const trials: Trial[] = [];
  for (const text of readFileSync(join(experiment, 'journal.jsonl'), 'utf8').trimEnd().split('\n')) {
    const line = JSON.parse(text, (_, value: unknown) => numberOf(value)) as Line;
    const { trial, kind } = line;
    if (trial === undefined) continue;
    if (kind === 'queued') trials.push({ path: join(experiment, line.dir), status: 'RUNNING', config: flatten(line.config), rows: [] });
    const { rows } = trials[trial] as Trial;
    if (kind === 'reported') rows.push({ ...rowOf({ ...line.metrics, training_iteration: line.step }), step: line.step, checkpoint: null });
    if (kind === 'checkpointed') rows.splice(-1, 1, { ...(rows.at(-1) as Row), checkpoint: line.checkpoint });
    if (kind === 'failed') Object.assign(trials[trial] as Trial, { status: 'ERROR' });
  }
  return trials;
}

/** JSON has neither NaN nor infinities: the journal has a tag for them. */
function numberOf(value: unknown): unknown {
  const tagged = (value as { readonly $number?: string } | null)?.$number;
  return tagged === undefined ? value : Number(tagged);
}

const flatten = (values: Values, prefix = ''): Values =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(flatten(value as Values, `${prefix}${key}/`))
        : [[prefix + key, value]],
    ),
  );

function rowOf(metrics: Values): Pick<Row, 'numbers' | 'texts'> {
  const entries = Object.entries(flatten(metrics));
  const numbers = entries.filter(([, value]) => typeof value === 'number').map(([key, value]) => [key, String(value)]);
  return {
    numbers: Object.fromEntries(numbers) as Row['numbers'],
    texts: Object.fromEntries(entries.filter(([, value]) => typeof value === 'string')) as Row['texts'],
  };
}

describe('the files of an experiment, opened by', () => {
  const experiment = join(folder, 'experiment');
  const expected = join(folder, 'expected.json');
  let python: string | undefined;
  let reason = '';
  let trials: readonly Trial[] = [];
  /** Numbers that were reported, and those of each trial's last report. */
  let all = 0;
  let last = 0;

  beforeAll(async () => {
    ({ python, reason } = await pythonWith('attune-readers', PACKAGES));
    await exec(process.execPath, [join(scripts, 'experiment.mjs'), experiment]);
    trials = trialsOf(experiment);
    writeFileSync(expected, JSON.stringify({ experiment, trials }));
    const count = ({ numbers }: Row): number => Object.keys(numbers).length;
    all = trials.flatMap(({ rows }) => rows.map(count)).reduce((sum, n) => sum + n, 0);
    last = trials.map(({ rows }) => count(rows.at(-1) as Row)).reduce((sum, n) => sum + n, 0);
  }, 900_000);

  test('nobody yet: there is something to find', () => {
    expect(trials.map(({ status, rows }) => [status, rows.length])).toEqual([
      ['RUNNING', 5],
      ['ERROR', 3],
      ['RUNNING', 1],
      ['RUNNING', 1],
    ]);
    expect(all).toBeGreaterThan(90);
  });

  const read = async (reader: string): Promise<string> => (await exec(python as string, [join(scripts, 'read.py'), reader, expected])).stdout;
  const reports = (): number => trials.reduce((sum, { rows }) => sum + rows.length, 0);

  test('pandas: every number, in result.json and in progress.csv', async (context) => {
    if (python === undefined) context.skip(reason);
    expect(await read('pandas')).toBe(`${2 * all} numbers\n`);
  });

  test('TensorBoard: every number but the step, and the hyperparameters with the status', async (context) => {
    if (python === undefined) context.skip(reason);
    expect(await read('tensorboard')).toBe(`${all - reports()} numbers\n`);
  });

  test("Ray's Result.from_path: every number, the configuration and the checkpoints", async (context) => {
    if (python === undefined) context.skip(reason);
    expect(await read('ray')).toBe(`${all + last + trials.length} numbers\n`);
  });
});
