import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { AttuneError } from '../../base/errors.ts';

/**
 * The font of all pictures: a file of this package, so that a picture is the same on every machine.
 * @throws {AttuneError} `PACKAGE_MISSING` in a bundle that has left it behind
 */
export function fontFile(): string {
  const shipped = fileURLToPath(new URL('./DejaVuSans.ttf', import.meta.url));
  if (existsSync(shipped)) return shipped;
  try {
    return createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
  } catch (cause) {
    throw new AttuneError('PACKAGE_MISSING', `plot: expected the font DejaVuSans.ttf beside the code of attune, got no such file at ${shipped}.`, {
      hint: 'Keep attune out of your bundle, or copy the font from its dist/.',
      cause,
    });
  }
}

let widths: ((text: string) => number) | undefined;

/** How wide a text is, in units of its font size. The font is read once. */
export function textWidth(text: string): number {
  widths ??= advanceWidths(readFileSync(fontFile()));
  return widths(text);
}

/** The advance widths that a TrueType font has in its tables `cmap`, of format 12, and `hmtx`; no kerning. */
export function advanceWidths(font: Buffer): (text: string) => number {
  const tables = new Map<string, number>();
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const at = 12 + 16 * i;
    tables.set(font.toString('latin1', at, at + 4), font.readUInt32BE(at + 8));
  }
  const table = (name: string): number => tables.get(name) as number;
  const unitsPerEm = font.readUInt16BE(table('head') + 18);
  const measured = font.readUInt16BE(table('hhea') + 34);
  const glyphs = glyphsOf(font, table('cmap'));
  const cache = new Map<string, number>();
  const advance = (character: string): number => {
    const glyph = glyphs(character.codePointAt(0) as number);
    return font.readUInt16BE(table('hmtx') + 4 * Math.min(glyph, measured - 1)) / unitsPerEm;
  };
  return (text) => {
    let sum = 0;
    for (const character of text) {
      let width = cache.get(character);
      if (width === undefined) cache.set(character, (width = advance(character)));
      sum += width;
    }
    return sum;
  };
}

/** The glyph of a code point; 0, the box of what the font lacks, when it has none. */
function glyphsOf(font: Buffer, cmap: number): (code: number) => number {
  const groups: (readonly [first: number, last: number, glyph: number])[] = [];
  for (let i = 0; i < font.readUInt16BE(cmap + 2); i++) {
    const at = cmap + font.readUInt32BE(cmap + 4 + 8 * i + 4);
    if (font.readUInt16BE(at) !== 12) continue;
    for (let g = 0; g < font.readUInt32BE(at + 12); g++) {
      const group = at + 16 + 12 * g;
      groups.push([font.readUInt32BE(group), font.readUInt32BE(group + 4), font.readUInt32BE(group + 8)]);
    }
    break;
  }
  return (code) => {
    const group = groups.find(([first, last]) => code >= first && code <= last);
    return group === undefined ? 0 : group[2] + code - group[0];
  };
}
