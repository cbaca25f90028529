import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { checkNumber, checkOptions, describe } from '../../base/options.ts';
import { shown } from './axis.ts';
import { type Theme, theme } from './theme.ts';

/** How a picture looks. */
export interface DrawOptions {
  /** Of the whole picture, in pixels. Pictures of several panels, and of many categories, may become larger. */
  readonly width?: number;
  readonly height?: number;
  /** Default `light`. */
  readonly theme?: Theme;
}

/** What every plot can be told beside what it shows. */
export interface PlotOptions extends DrawOptions {
  /** Default: what the plot shows, in words. */
  readonly title?: string;
}

/**
 * A drawing that has not been drawn: a specification with all its data in it, and ways to draw that. Nothing is loaded before the first of these.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { plotOptimizationHistory } from 'attune/analysis';
 * const plot = plotOptimizationHistory([{ loss: 3 }, { loss: 1 }, { loss: 2 }], { metric: 'loss', mode: 'min' });
 * writeFileSync('history.svg', await plot.svg({ theme: 'dark' }));
 * ```
 */
export interface Plot {
  /** Vega-Lite, or Vega (its `$schema` says which), as plain JSON: what a notebook or `vega-embed` shows. */
  readonly spec: JsonObject;
  /** The same text on every machine. */
  svg(options?: DrawOptions): Promise<string>;
  /** @param options - `scale`: pixels of the file to one of the picture, default 2 */
  png(options?: DrawOptions & { readonly scale?: number }): Promise<Uint8Array>;
  /** A page that needs no other file and no network, where one can zoom, and point at a mark to read it. */
  html(options?: DrawOptions): Promise<string>;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
}

/** What a plot is made of. */
export interface Sketch extends Frame {
  readonly title: string;
  /** What is left out, how many there are: lines below the title. */
  readonly subtitle?: readonly string[];
  /** Vega-Lite without title, size and theme; or all of a Vega specification, with its `$schema`. */
  readonly view: (frame: Frame) => JsonObject;
}

export const DRAW_OPTIONS = ['width', 'height', 'theme'] as const;
export const PLOT_OPTIONS = ['title', ...DRAW_OPTIONS] as const;

const LEAST = 120;
const MOST = 20_000;

/**
 * A plot of a sketch, whose size is what is taken when nobody says another.
 * @throws {AttuneError} `OPTION_RANGE` for a size or a theme that there is not
 */
export function plotOf(where: string, sketch: Sketch, options: PlotOptions): Plot {
  const build = (drawing: DrawOptions): JsonObject => specOf(sketch, { ...options, ...drawing });
  check(where, options);
  const draw = async (what: 'svg' | 'png' | 'html', drawing: DrawOptions & { readonly scale?: number }) => {
    checkOptions(what, drawing, what === 'png' ? [...DRAW_OPTIONS, 'scale'] : DRAW_OPTIONS);
    check(what, drawing);
    return { spec: build(drawing), title: titleOf(sketch, options) };
  };
  return {
    spec: build({}),
    async svg(drawing = {}) {
      const { spec, title } = await draw('svg', drawing);
      return (await import('./draw.ts')).drawSvg(spec, title);
    },
    async png(drawing = {}) {
      const { spec, title } = await draw('png', drawing);
      const { drawSvg, drawPng } = await import('./draw.ts');
      return drawPng(await drawSvg(spec, title), drawing.scale ?? 2);
    },
    async html(drawing = {}) {
      const { spec, title } = await draw('html', drawing);
      return (await import('./page.ts')).pageOf(title, [{ spec }], drawing.theme ?? options.theme ?? 'light');
    },
  };
}

function check(where: string, { width, height, theme, scale }: DrawOptions & { readonly scale?: number }): void {
  const size = `a number of pixels from ${LEAST} to ${MOST}`;
  if (width !== undefined) checkNumber(where, 'width', width, size, (value) => value >= LEAST && value <= MOST);
  if (height !== undefined) checkNumber(where, 'height', height, size, (value) => value >= LEAST && value <= MOST);
  if (scale !== undefined) checkNumber(where, 'scale', scale, 'a number from 0.1 to 10', (value) => value >= 0.1 && value <= 10);
  if (theme !== undefined && theme !== 'light' && theme !== 'dark')
    throw new AttuneError('OPTION_RANGE', `${where}: expected theme to be 'light' or 'dark', got ${describe(theme)}.`);
}

const titleOf = (sketch: Sketch, options: PlotOptions): string => shown(options.title ?? sketch.title);

function specOf(sketch: Sketch, options: PlotOptions): JsonObject {
  const frame = { width: options.width ?? sketch.width, height: options.height ?? sketch.height };
  const { $schema = 'https://vega.github.io/schema/vega-lite/v6.json', ...view } = sketch.view(frame);
  const title = { text: titleOf(sketch, options), ...(sketch.subtitle?.length ? { subtitle: sketch.subtitle } : {}) };
  return { $schema, title, ...sized(view, frame), ...view, config: theme(options.theme ?? 'light', frame) };
}

/** One view fills the frame with its axes, legends and title; several have sizes of their own. */
function sized(view: JsonObject, { width, height }: Frame): JsonObject {
  return 'layer' in view || 'mark' in view || 'marks' in view ? { width, height, autosize: { type: 'fit', contains: 'padding' } } : {};
}
