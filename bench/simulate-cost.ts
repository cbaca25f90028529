import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measure } from './plan.ts';

interface Cost {
  readonly us: number;
  readonly heapUs: number;
  readonly ratio: number;
  readonly events: number;
}

/** Simulated experiments in a process of their own: against the bare heap that their events pass through, and many trials against few. */
export function simulateCost({ trials, many }: { readonly trials: number; readonly many: number }): readonly Measure[] {
  const script = fileURLToPath(new URL('./simulate-scale.ts', import.meta.url));
  const text = execFileSync(process.execPath, [...process.execArgv, script, String(trials), String(many)], { encoding: 'utf8' });
  const { random, improving, growth } = JSON.parse(text) as Readonly<Record<'random' | 'improving', Cost>> & {
    readonly growth: { readonly few: number; readonly many: number; readonly ratio: number };
  };
  const count = (n: number): string => n.toLocaleString('en');
  const us = (value: number): string => `${value.toFixed(2)} µs`;
  const measure = (what: string, { ratio, us: ours, heapUs, events }: Cost): Measure => ({
    what: `${count(trials)} simulated trials, asha, ${what} / a bare heap`,
    got: ratio,
    limit: 40,
    unit: '×',
    detail: `${us(ours)} / ${us(heapUs)} an event, ${count(events)} events`,
  });
  return [
    measure('27 reports each', improving),
    measure('two thirds stopped at each rung', random),
    {
      what: `${count(many)} simulated trials / 1,000`,
      got: growth.ratio,
      limit: 1.5,
      unit: '×',
      detail: `${us(growth.many)} / ${us(growth.few)} an event`,
    },
  ];
}
