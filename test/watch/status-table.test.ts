import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { STATUSES } from '../../src/trial/lifecycle.ts';
import type { Snapshot } from '../../src/watch/snapshot.ts';
import { statusTable } from '../../src/watch/status-table.ts';
import { rowOf, snapshotWith, someTrials, trial } from './snapshots.ts';

const wide = snapshotWith(
  [
    trial(0, 'RUNNING', { optimizer: '確率的勾配降下法', schedule: '👩‍🔬 warm-up' }, rowOf(3, { 精度: 0.25 })),
    {
      ...trial(1, 'TERMINATED', { optimizer: 'ｆｕｌｌ-ｗｉｄｔｈ', schedule: 'e\u0301le\u0301gant' }, rowOf(9, { 精度: 0.75 })),
      reason: '段 9: 20 の 14 番目、上位 6 だけが進みます',
    },
    trial(2, 'PENDING', { optimizer: '아담', schedule: 'شبكة' }),
  ],
  {
    trainable: '手書き数字',
    objectives: [{ metric: '精度', mode: 'max' }],
    parameters: ['optimizer', 'schedule'],
    path: '/home/ミア/結果/手書き数字_2026-03-04_17-42-27_x7p2',
  },
);

const long = snapshotWith(
  [
    trial(
      0,
      'RUNNING',
      { model: { encoder: { layers: [64, 32, 16, 8, 4, 2] } }, augment: { kind: 'mix'.repeat(400_000) } },
      rowOf(1, { validation: { accuracy_of_the_five_best_guesses: 0.1 }, 'a\nb': 2 }),
    ),
    {
      ...trial(
        1,
        'ERROR',
        { model: { encoder: { layers: [] } }, augment: { kind: 'none\u001b[2J\r\u202e' } },
        rowOf(2, { validation: { accuracy_of_the_five_best_guesses: 123456.75 } }),
      ),
      reason: 'Error: \u0007'.repeat(200_000),
    },
    {
      ...trial(
        2,
        'TERMINATED',
        { model: { encoder: { layers: [1] } }, augment: { kind: null } },
        rowOf(7, { validation: { accuracy_of_the_five_best_guesses: Number.NaN } }),
      ),
      name: 'a-name-that-somebody-made-very-long_00002',
    },
  ],
  {
    trainable: 'train\nwith a name of several lines',
    objectives: [{ metric: 'validation/accuracy_of_the_five_best_guesses', mode: 'max' }],
    parameters: ['model/encoder/layers/0', 'augment/kind'],
    searcher: { name: 'mine', options: { notes: 'x'.repeat(100), nested: {}, rate: 1e-9 } },
    path: `/very/${'deep/'.repeat(50)}path`,
  },
);

const WORLDS: Readonly<Record<string, Snapshot>> = {
  '0-trials': snapshotWith([], { expected: 30, elapsedS: 0.4 }),
  '4-trials': snapshotWith(someTrials(4, 4), { expected: 30 }),
  '30-trials': snapshotWith(someTrials(30, 4), { elapsedS: 7500 }),
  '1000-trials': snapshotWith(someTrials(1000, 8), { elapsedS: 200_000, scheduler: { name: 'asha' } }),
  'long-names': long,
  'wide-characters': wide,
  'several-objectives': snapshotWith(someTrials(4, 1), {
    objectives: [
      { metric: 'mean_accuracy', mode: 'max' },
      { metric: 'loss', mode: 'min' },
    ],
    searcher: { name: 'random' },
    scheduler: {
      name: 'firstOf',
      options: {
        schedulers: [
          { name: 'onMetric', options: { metric: 'loss', scheduler: { name: 'asha' } } },
          { name: 'fifo', options: null },
        ],
      },
    },
    ended: 'all trials have ended',
  }),
};

/** A change is allowed, but never unnoticed: `vitest -u` writes what they look like now. Look at them. */
describe('golden', () => {
  for (const [name, snapshot] of Object.entries(WORLDS)) {
    test.each([
      [80, 24],
      [200, 50],
    ])(`${name}, %i columns and %i rows`, async (columns, rows) => {
      await expect(`${statusTable(snapshot, { columns, rows, color: false })}\n`).toMatchFileSnapshot(`../golden/console/${name}-${columns}.txt`);
    });
  }
});

const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()));
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('a\nb', '\x1b[31mred', '\x9b2J', '\u202eabc', '漢字', '👩‍👩‍👧', 'e\u0301'.repeat(9)),
);
const row = fc.record({
  name: text,
  status: fc.constantFrom(...STATUSES),
  loc: text,
  config: fc.dictionary(text, value, { maxKeys: 5 }),
  metrics: fc.dictionary(text, value, { maxKeys: 5 }),
  iteration: fc.nat(),
  timeTotalS: fc.double({ min: 0, noNaN: true }),
  reason: text,
});
const snapshots = fc
  .record({ trials: fc.array(row, { maxLength: 40 }), metric: text, path: text, trainable: text, searcher: text, pick: fc.nat() })
  .map(({ trials, metric, path, trainable, searcher, pick }) =>
    snapshotWith(
      trials.map((each) => ({ ...each, metrics: { [metric]: each.iteration, ...each.metrics } })),
      {
        objectives: [{ metric, mode: 'min' }],
        parameters: [...new Set(trials.flatMap(({ config }) => Object.keys(config)))],
        path,
        trainable,
        searcher: { name: searcher },
        best: [trials.length > 0 ? pick % trials.length : -1],
      },
    ),
  );

describe('laws', () => {
  test('no line is wider than the terminal, there are no more than its rows, and nothing in them steers it', () => {
    fc.assert(
      fc.property(snapshots, fc.integer({ min: 1, max: 220 }), fc.integer({ min: 1, max: 60 }), fc.boolean(), (snapshot, columns, rows, color) => {
        const shown = statusTable(snapshot, { columns, rows, color });
        const plain = color ? shown.replace(/\x1b\[(1|2|22|3[1236]|39)m/g, '') : shown;
        const lines = plain.split('\n');
        expect(lines.length).toBeLessThanOrEqual(rows);
        expect(plain).not.toMatch(/[^\P{Cc}\n]|[\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
        expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  test('colours change nothing but colours', () => {
    fc.assert(
      fc.property(snapshots, fc.integer({ min: 1, max: 220 }), fc.integer({ min: 1, max: 60 }), (snapshot, columns, rows) => {
        const [plain, colored] = [false, true].map((color) => statusTable(snapshot, { columns, rows, color }));
        expect(colored?.replace(/\x1b\[\d+m/g, '')).toBe(plain);
      }),
    );
  });

  test('every running trial is shown as long as there are rows for it; what is not shown is counted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 24, max: 70 }), (count, running, rows) => {
        const snapshot = snapshotWith(someTrials(count, Math.min(running, count)));
        const lines = statusTable(snapshot, { columns: 120, rows, color: false }).split('\n');
        const table = lines.slice(lines.indexOf('') + 1).slice(1);
        const hidden = /^ {2}… (\d+) more: /.exec(table.at(-1) ?? '')?.[1];
        expect(table.filter((line) => line.includes(' RUNNING ')).length).toBe(snapshot.counts.RUNNING);
        expect(table.length - (hidden ? 1 : 0) + Number(hidden ?? 0)).toBe(count);
        if (hidden) expect(lines.length).toBe(rows);
      }),
      { numRuns: 30 },
    );
  });

  test('a value of a million characters costs no more than a short one', () => {
    const huge = { text: 'x'.repeat(1e6), list: Array.from({ length: 1e6 }, (_, i) => i) };
    const shown = statusTable(snapshotWith([trial(0, 'RUNNING', huge, { ...rowOf(1, { mean_accuracy: 1 }), ...huge })], { parameters: ['text', 'list'] }), {
      columns: 200,
      rows: 24,
      color: false,
    });
    expect(shown).toContain('xxxxxxxxxxxxxxxxxxxxxxx…  [0,1,2,3,4,5,6,7,8,9,10…');
  });
});

test('the best trial is marked, and so is what is wrong', () => {
  const lines = statusTable(snapshotWith(someTrials(30, 4)), { columns: 100, rows: 24, color: true }).split('\n');
  expect(lines.find((line) => line.startsWith('\x1b[32m*\x1b[39m \x1b[1m3af6c_00008\x1b[22m'))).toBeDefined();
  expect(lines.filter((line) => line.includes('\x1b[31mERROR\x1b[39m'))).toHaveLength(2);
});
