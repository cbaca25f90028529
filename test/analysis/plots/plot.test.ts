import { createContext, runInContext } from 'node:vm';
import { Resvg } from '@resvg/resvg-js';
import { describe, expect, test } from 'vitest';
import { fontFile, textWidth } from '../../../src/analysis/plots/font.ts';
import { plotLearningCurves } from '../../../src/analysis/plots/plot-learning-curves.ts';
import { plotOptimizationHistory } from '../../../src/analysis/plots/plot-optimization-history.ts';
import { faultsOf, readPicture } from './picture.ts';
import { reportsOf } from './trials.ts';

const plot = plotOptimizationHistory([{ loss: 2 }, { loss: 1 }], { metric: 'loss', mode: 'min', title: 'Two trials' });
const HOSTILE = '</script><script>alert(1)</script><!--<b> "it\'s" & \u2028\u2029\ud800\u0000\n]]> ${x} {{y}}';

describe('a plot', () => {
  test('is a specification with its data in it, as JSON', () => {
    expect(plot.spec.$schema).toBe('https://vega.github.io/schema/vega-lite/v6.json');
    expect(JSON.parse(JSON.stringify(plot.spec))).toEqual(plot.spec);
    expect(JSON.stringify(plot.spec)).not.toContain('"url"');
  });

  test('is drawn in the size and the theme that are asked for, and each time the same', async () => {
    const svg = await plot.svg({ width: 400, height: 250, theme: 'dark' });
    expect(svg).toContain('width="400" height="250"');
    expect(svg).toContain('#15191f');
    expect(svg).toContain('aria-label="Two trials"');
    expect(await plot.svg({ width: 400, height: 250, theme: 'dark' })).toBe(svg);
    expect(await plotOptimizationHistory([{ loss: 2 }, { loss: 1 }], { metric: 'loss', mode: 'min', width: 300 }).svg()).toContain('width="300"');
  });

  test('is a PNG of as many pixels, with its texts, without any font of the machine', async () => {
    const sizeOf = async (scale?: number) => {
      const png = Buffer.from(await plot.png({ width: 400, height: 250, ...(scale === undefined ? {} : { scale }) }));
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      return [png.readUInt32BE(16), png.readUInt32BE(20)];
    };
    expect(await sizeOf()).toEqual([800, 500]);
    expect(await sizeOf(1)).toEqual([400, 250]);
  });

  test('refuses a size and a theme that there are not', async () => {
    await expect(plot.svg({ width: 3 })).rejects.toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
    await expect(plot.png({ scale: 0 })).rejects.toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
    await expect(plot.svg({ theme: 'blue' as never })).rejects.toThrow("svg: expected theme to be 'light' or 'dark'");
    await expect(plot.svg({ scale: 3 } as never)).rejects.toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
  });

  test('is a page of its own: no other address in it, and data that is never code', async () => {
    const rows = [1, 2, 3].map((lr) => ({ trial_id: HOSTILE + lr, training_iteration: 1, [HOSTILE]: lr, 'config/lr': lr }));
    const hostile = plotLearningCurves(rows, { y: HOSTILE, label: ({ lr }) => HOSTILE + lr, title: HOSTILE });
    const html = await hostile.html({ theme: 'dark' });
    expect(html.match(/<\/script/gi)).toHaveLength(2);
    expect(html.includes('<!--')).toBe(false);
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code = '']) => code);
    const ours = html.replace(scripts[0] ?? '', '');
    expect(/[\u2028\u2029\u0000]|[\ud800-\udfff]/.test(ours)).toBe(false);
    expect(/(src|href)=/.test(ours)).toBe(false);
    const specs = runInContext(`${(scripts[1] ?? '').split('\n')[1]} specs`, createContext({})) as { title: { text: string } }[];
    expect(specs[0]?.title.text).toContain('</script><script>alert(1)</script>');
    const svg = await hostile.svg();
    expect(svg).not.toMatch(/<script|<b>/);
    expect(faultsOf(readPicture(svg))).toEqual([]);
    expect(() => new Resvg(svg)).not.toThrow(); // it is XML
  });

  test('can be zoomed on its page, where both axes are of numbers', async () => {
    expect(await plotLearningCurves(reportsOf({ trials: 3 }), { y: 'loss' }).html()).toMatch(/"name":"zoom/);
  });
});

test('texts are as wide as the font draws them', () => {
  const lineOf = (text: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="40"><text y="20" font-size="100" font-family="DejaVu Sans">${text}</text></svg>`;
  const font = { fontFiles: [fontFile()], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' };
  const drawn = (text: string): number => new Resvg(lineOf(`${text}HIH`), { font }).innerBBox()?.width ?? 0;
  for (const text of ['loss', 'WWW', 'iiiiii', '0.25', 'Größe', 'λ=1e-3', '学习', 'a…']) {
    expect(Math.abs(drawn(`H${text}`) - drawn('H') - 100 * textWidth(text)), text).toBeLessThan(8); // pairs of letters that draw nearer
  }
});
