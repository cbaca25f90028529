import { AttuneError } from '../../base/errors.ts';
import { checkOptions, describe } from '../../base/options.ts';
import type { ParameterImportance } from '../parameter-importance.ts';
import { counted, short, shortened, shown } from './axis.ts';
import { PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';

/**
 * Bars of how much each parameter matters, the largest on top.
 *
 * @param importance - what `parameterImportance` gives, or a number for each parameter: finite and not below 0
 * @throws {AttuneError} `DATA_INSUFFICIENT` when there is none, or one is no such number
 * @example
 * ```ts
 * import { parameterImportance, plotImportance } from 'attune/analysis';
 * const rows = Array.from({ length: 100 }, (_, i) => ({ 'config/lr': i % 10, 'config/units': i % 7, loss: (i % 10) ** 2 }));
 * plotImportance(parameterImportance(rows, { metric: 'loss', mode: 'min' }));
 * ```
 */
export function plotImportance(importance: Pick<ParameterImportance, 'parameters'> | Readonly<Record<string, number>>, options: PlotOptions = {}): Plot {
  const where = 'plotImportance';
  checkOptions(where, options, PLOT_OPTIONS);
  const bars = Object.entries(scoresOf(importance)).sort(([, a], [, b]) => b - a);
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

function scoresOf(importance: Pick<ParameterImportance, 'parameters'> | Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const { parameters } = importance;
  if (!Array.isArray(parameters)) return importance as Readonly<Record<string, number>>;
  return Object.fromEntries((parameters as ParameterImportance['parameters']).map(({ parameter, importance: score }) => [parameter, score]));
}
