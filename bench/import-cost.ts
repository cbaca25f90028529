import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measure } from './plan.ts';
import { median, timed } from './rounds.ts';

interface Times {
  /** The process, from its start to its end, in milliseconds. */
  readonly whole: number;
  /** The `import` in it, in milliseconds. */
  readonly alone: number;
}

/** Fresh processes that import this package, against others, in turn with them, that import an empty one. */
export async function importCost({ root, rounds }: { readonly root: string; readonly rounds: number }): Promise<Measure> {
  const empty = join(root, 'node_modules/empty');
  mkdirSync(empty, { recursive: true });
  writeFileSync(join(empty, 'package.json'), JSON.stringify({ name: 'empty', type: 'module', exports: './index.js' }));
  writeFileSync(join(empty, 'index.js'), 'export {};\n');
  symlinkSync(fileURLToPath(new URL('..', import.meta.url)), join(root, 'node_modules/attune'), 'junction');

  const raw: Times[] = [];
  const ours: Times[] = [];
  for (let round = -1; round < rounds; round++) {
    const times = [await importing('empty', root), await importing('attune', root)] as const;
    if (round < 0) continue; // the files were not in memory yet
    raw.push(times[0]);
    ours.push(times[1]);
  }
  const ms = (times: readonly Times[], which: keyof Times): string => median(times.map((time) => time[which])).toFixed(0);
  return {
    what: 'a process that imports attune / one that imports an empty package',
    got: median(ours.map(({ whole }, round) => whole / (raw[round]?.whole ?? Number.NaN))),
    limit: 3,
    unit: '×',
    detail: `${ms(ours, 'whole')} ms / ${ms(raw, 'whole')} ms, of which the import (60 ms at most) ${ms(ours, 'alone')} ms / ${ms(raw, 'alone')} ms`,
  };
}

async function importing(name: string, cwd: string): Promise<Times> {
  const script = `const began = performance.now(); await import('${name}'); process.stdout.write(String(performance.now() - began));`;
  let alone = Number.NaN;
  const whole = await timed(() => {
    alone = Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd, encoding: 'utf8' }));
  });
  return { whole, alone };
}
