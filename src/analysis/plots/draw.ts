import type { JsonObject } from '../../base/json.ts';
import { fontFile, textWidth } from './font.ts';
import { FONT } from './theme.ts';

type Vega = typeof import('vega');

let loaded: Promise<Vega> | undefined;

/** Vega, which knows the widths of our font from now on; texts in other fonts it measures as before. */
async function loadVega(): Promise<Vega> {
  const vega = await import('vega');
  const metrics = (vega as unknown as { textMetrics: { width: (item: TextItem, text: unknown) => number } }).textMetrics;
  const before = metrics.width;
  metrics.width = (item, text) => {
    if (item.font !== FONT) return before(item, text);
    return Math.min(textWidth(String(text ?? '')) * (item.fontSize ?? 11), item.limit || Infinity); // what is longer will be cut
  };
  return vega;
}

interface TextItem {
  readonly font?: string;
  readonly fontSize?: number;
  readonly limit?: number;
}

/** The specification as Vega has it. */
export async function compiled(spec: JsonObject): Promise<JsonObject> {
  if (!String(spec.$schema).includes('vega-lite')) return spec;
  const { compile } = await import('vega-lite');
  return compile(spec as never).spec as unknown as JsonObject;
}

/** @param title - what a screen reader says */
export async function drawSvg(spec: JsonObject, title: string): Promise<string> {
  const vega = await (loaded ??= loadVega());
  const view = new vega.View(vega.parse((await compiled(spec)) as never), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace('<svg ', `<svg role="img" aria-label="${escaped(title)}" `);
}

/** @param scale - pixels to one of the picture */
export async function drawPng(svg: string, scale: number): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const font = { fontFiles: [fontFile()], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' };
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } }).render().asPng();
}

/** Text as HTML and SVG have it, between tags and in quotes. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
