import type { JsonObject } from '../../base/json.ts';

/** The colours of a picture, its background included. Default everywhere: `'light'`; `OPTION_RANGE` for another one. */
export type Theme = 'light' | 'dark';

interface Colours {
  readonly background: string;
  readonly text: string;
  /** Labels of axes and legends. */
  readonly quiet: string;
  readonly grid: string;
  readonly axis: string;
  /** What stands behind what matters. */
  readonly faint: string;
  readonly accent: string;
  readonly category: readonly string[];
  /** From the first to the last, or from the best to the worst. */
  readonly ramp: readonly string[];
}

const COLOURS: Readonly<Record<Theme, Colours>> = {
  light: {
    background: '#ffffff',
    text: '#1f2933',
    quiet: '#52606d',
    grid: '#e4e7eb',
    axis: '#9aa5b1',
    faint: '#b4bec8',
    accent: '#c2410c',
    category: ['#2f6db3', '#d9772b', '#2f8f5b', '#b83a4b', '#7b5fb5', '#8a6a4f', '#c65a9b', '#6f7a86', '#8f961c', '#1f94a4', '#4b4f9e', '#a8722a'],
    ramp: ['#15396b', '#2f6db3', '#57a0c4', '#8fc9b8', '#d3e4a1'],
  },
  dark: {
    background: '#15191f',
    text: '#e6e9ee',
    quiet: '#a9b4c0',
    grid: '#2a313a',
    axis: '#65717e',
    faint: '#4d5864',
    accent: '#fb923c',
    category: ['#6ea8e6', '#f0a15c', '#63c592', '#ec7683', '#ae96e6', '#c4a58a', '#e795c6', '#a3aeba', '#ccd257', '#5cc9d8', '#9499e8', '#e0b168'],
    ramp: ['#e4f2b4', '#8fd1b9', '#57a5c9', '#3c74b4', '#2d4a80'],
  },
};

/** As the texts are measured, and drawn into a PNG; what comes after it is as wide or narrower. */
export const FONT = 'DejaVu Sans, Verdana, Arial, sans-serif';

/** The configuration of Vega and of Vega-Lite. Marks take their colours from its styles: `trial`, `faint`, `accent`, `band`, `fit`. */
export function theme(name: Theme, { width, height }: { readonly width: number; readonly height: number }): JsonObject {
  const { background, text, quiet, grid, axis, faint, accent, category, ramp } = COLOURS[name];
  const [first = accent] = category;
  return {
    background,
    font: FONT,
    padding: 12,
    view: { stroke: null },
    title: {
      ...{ anchor: 'start', frame: 'bounds', offset: 10, limit: width - 24, fontSize: 14, fontWeight: 'normal', color: text, font: FONT },
      ...{ subtitleColor: quiet, subtitleFontSize: 11, subtitlePadding: 4, subtitleFont: FONT },
    },
    axis: {
      ...{ domainColor: axis, tickColor: axis, gridColor: grid, tickSize: 4, labelPadding: 4, labelLimit: Math.round(width / 4) },
      ...{ labelColor: quiet, labelFont: FONT, labelFontSize: 11, titleColor: text, titleFont: FONT, titleFontSize: 12, titleFontWeight: 'normal' },
    },
    axisX: { titleLimit: Math.max(80, 0.55 * width), labelFlush: false, labelSeparation: 6 },
    axisY: { titleLimit: Math.max(80, height - 120) },
    legend: {
      ...{ labelColor: quiet, labelFont: FONT, labelFontSize: 11, labelLimit: Math.round(width / 4), titleLimit: Math.round(width / 4) },
      ...{ titleColor: text, titleFont: FONT, titleFontSize: 11, titleFontWeight: 'normal', gradientStrokeColor: axis, symbolStrokeWidth: 2, symbolSize: 60 },
      ...{ gradientOpacity: 1, symbolOpacity: 1 }, // not as faint as marks of which there are many
    },
    header: { labelColor: text, labelFont: FONT, labelFontSize: 12, titleColor: text, titleFont: FONT, titleFontWeight: 'normal' },
    range: { category, ramp, heatmap: ramp, diverging: ramp, ordinal: ramp },
    mark: { color: first, aria: false }, // a picture of 5,000 trials would be three times as large
    text: { font: FONT, color: text, fill: text, fontSize: 11 },
    style: {
      trial: { color: first, fill: first, stroke: null, filled: true, size: 36, opacity: 0.65 },
      faint: { color: faint, stroke: faint },
      accent: { color: accent, stroke: accent },
      fit: { color: accent, stroke: accent, strokeWidth: 2 },
      band: { color: accent, fill: accent, stroke: null, opacity: 0.2 },
      paper: { color: background, fill: background },
      ink: { color: text, stroke: text },
      halo: { fill: background, color: background, stroke: background, strokeWidth: 4, strokeJoin: 'round', font: FONT, fontSize: 11 }, // behind a label
      label: { fill: text, color: text, font: FONT, fontSize: 11 },
    },
  };
}
