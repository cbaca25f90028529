import { AttuneError } from '../../base/errors.ts';
import { checkOptions, describe } from '../../base/options.ts';
import { counted, short, shortened, shown } from './axis.ts';
import { PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';

/**
 * Bars of how much each parameter matters, the largest on top.
 *
 * @param importances - by parameter, as an analysis gives them: finite and not below 0
 * @throws {AttuneError} `DATA_INSUFFICIENT` when there is none, or one is no such number
 * @example
 * ```ts
 * import { plotImportance } from 'attune/analysis';
 * plotImportance({ lr: 0.7, 'model.units': 0.3 });
 * ```
 */
export function plotImportance(importances: Readonly<Record<string, number>>, options: PlotOptions = {}): Plot {
  const where = 'plotImportance';
  checkOptions(where, options, PLOT_OPTIONS);
  const bars = Object.entries(importances).sort(([, a], [, b]) => b - a);
  const wrong = bars.find(([, value]) => !(Number.isFinite(value) && value >= 0));
  if (wrong)
    throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected a finite importance of ${describe(wrong[0])}, not below 0, got ${describe(wrong[1])}.`);
  if (bars.length === 0) throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected at least one parameter, got none.`);
  const values = bars.map(([name, importance], i) => ({ i, name: shown(name), importance, text: short(importance) }));
  const height = Math.max(160, 100 + 26 * bars.length);
  const view = ({ width }: { readonly width: number }) => {
    const names = JSON.stringify(bars.map(([name]) => shortened(name, width / 3)));
    const y = {
      field: 'i',
      type: 'ordinal',
      title: null,
      axis: { labelExpr: `${names}[datum.value]`, labelLimit: width / 3, labelOverlap: false, ticks: false },
    };
    const x = { field: 'importance', type: 'quantitative', title: 'importance', scale: { domainMin: 0 } };
    return {
      data: { values },
      encoding: { x, y },
      layer: [
        { name: 'bars', mark: { type: 'bar', height: { band: 0.7 } }, encoding: { tooltip: tips({ name: 'parameter', importance: 'importance' }) } },
        {
          name: 'numbers',
          mark: { type: 'text', style: 'label', align: 'left', dx: 4 },
          encoding: { text: { field: 'text' }, x: { ...x, scale: { domain: [0, 1.15 * Math.max(bars[0]?.[1] ?? 1, 1e-12)], nice: false } } },
        },
      ],
    };
  };
  return plotOf(where, { width: 560, height, title: `Importance of ${counted(bars.length, 'parameter')}`, view }, options);
}
