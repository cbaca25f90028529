import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkFiles, checkTrials, linesOf } from '../../journal-story.ts';
import { runNode } from '../run-node.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['threads', 'processes'])(
  '%s that die cost their trial what it had not saved, and nothing else: not the driver, not another trial, no report',
  async (kind) => {
    const cwd = join(folder, kind);
    mkdirSync(cwd);
    const { stdout } = await runNode([join(import.meta.dirname, 'scripts/dying-workers.mjs'), kind], { cwd });
    expect(JSON.parse(stdout)).toEqual(Array.from({ length: 4 }, () => ({ status: 'TERMINATED', step: 5 })));
    const dir = join(cwd, 'dying');
    const lines = linesOf(dir);
    checkTrials(lines, 4);
    checkFiles(dir, lines);
    for (let trial = 0; trial < 4; trial++) {
      const own = lines.filter((line) => line.trial === trial);
      expect(own.filter(({ kind }) => kind === 'retried').map(({ error }) => error)).toMatchObject([{ code: 'WORKER_DIED' }, { code: 'WORKER_DIED' }]);
      // Back to what was saved: the third report is not repeated, the fourth, which was dying while it saved, is.
      expect(own.filter(({ kind }) => kind === 'started').map(({ step }) => step)).toEqual([0, 2, 3]);
    }
  },
);
