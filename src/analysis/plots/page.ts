import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Json, JsonObject } from '../../base/json.ts';
import { compiled, escaped } from './draw.ts';
import { theme as configOf, type Theme } from './theme.ts';

/** A part of a page: a picture, or HTML that is known to be harmless. */
export type Part = { readonly spec: JsonObject } | { readonly html: string };

/** A page with everything in it: Vega, the specifications, and no address of anything else. */
export async function pageOf(title: string, parts: readonly Part[], theme: Theme): Promise<string> {
  const specs: JsonObject[] = [];
  for (const part of parts) if ('spec' in part) specs.push(await compiled(zoomable(part.spec)));
  let drawn = 0;
  const body = parts.map((part) => ('html' in part ? part.html : `<div class="plot" id="plot-${drawn++}"></div>`));
  const build = dirname(createRequire(import.meta.url).resolve('vega'));
  const vega = readFileSync(join(build, 'vega.min.js'), 'utf8').replace(/^\/\/# sourceMappingURL=.*$/gm, '');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${styleOf(theme)}</style>
<body>
${body.join('\n')}
<div id="tip" role="tooltip" hidden></div>
<script>${harmless(vega)}</script>
<script>
const specs = ${jsonInScript(specs)};
${SHOW}
</script>
</body>
</html>
`;
}

/** JSON that neither ends its script, nor begins a comment in it, nor breaks a line of it. */
export const jsonInScript = (value: Json): string =>
  JSON.stringify(value).replace(/[<>\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const harmless = (code: string): string => code.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');

/** Draws all, and shows in a box what the mark under the pointer says: as text, never as HTML. */
const SHOW = `const tip = document.getElementById('tip');
const tooltip = (handler, event, item, value) => {
  tip.hidden = value == null || value === '';
  if (tip.hidden) return;
  const lines = typeof value === 'object' ? Object.entries(value).map(([name, text]) => name + ': ' + text) : [String(value)];
  tip.textContent = lines.join('\\n');
  tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 4) + 'px';
  tip.style.top = Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 4) + 'px';
};
specs.forEach((spec, i) => {
  const container = document.getElementById('plot-' + i);
  new vega.View(vega.parse(spec), { renderer: 'canvas', container, hover: true, tooltip }).runAsync();
});`;

function styleOf(theme: Theme): string {
  const { background, title } = configOf(theme, { width: 0, height: 0 }) as { background: string; title: { color: string; font: string } };
  return `body{margin:16px;background:${background};color:${title.color};font:14px/1.5 ${title.font}}
.plot{display:inline-block;vertical-align:top;max-width:100%;overflow:auto}
#tip{position:fixed;z-index:1;padding:6px 8px;white-space:pre;font-size:12px;background:${title.color};color:${background};border-radius:4px;pointer-events:none}
table{border-collapse:collapse}td,th{padding:2px 12px 2px 0;text-align:left;vertical-align:top}`;
}

type Unit = JsonObject & { readonly mark?: Json; readonly encoding?: JsonObject };

/** The same picture with axes that can be dragged and zoomed, where both are of numbers, and marks that then stay within them. */
function zoomable(spec: JsonObject): JsonObject {
  const units = (spec.layer ?? (spec.mark === undefined ? [] : [spec])) as readonly Unit[];
  if (!String(spec.$schema).includes('vega-lite') || !units.some((unit) => isOfNumbers({ ...(spec.encoding as JsonObject), ...unit.encoding }))) return spec;
  const zoom = { params: [{ name: 'zoom', select: 'interval', bind: 'scales' }] };
  const clipped = units.map((unit) => ({
    ...unit,
    mark: { ...(typeof unit.mark === 'string' ? { type: unit.mark } : (unit.mark as JsonObject)), clip: true },
  }));
  if (spec.layer === undefined) return { ...spec, ...clipped[0], ...zoom };
  const main = units.findIndex((unit) => isOfNumbers({ ...(spec.encoding as JsonObject), ...unit.encoding }));
  return { ...spec, layer: clipped.map((unit, i) => (i === main ? { ...unit, ...zoom } : unit)) };
}

const isOfNumbers = ({ x, y }: JsonObject): boolean => [x, y].every((channel) => (channel as JsonObject | undefined)?.type === 'quantitative');
