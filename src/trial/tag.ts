import type { Json } from '../base/json.ts';
import { portableName } from '../base/portable-name.ts';
import type { Config } from '../space/config.ts';

/** The longest part of a tag, a key or a value: as much as a folder name can show. */
const LONGEST_PART = 130;

/**
 * A trial in a few words, for people and for its folder: `7_lr=0.0098,momentum=0.9000`.
 * Entries are sorted by full path and named by its last part. Fractions have four decimals, those below 0.001 are in exponent
 * form (`lr=1e-6`, never `0.0000`); every character outside `[A-Za-z0-9_-]` of other values is `_`, and what is past 130 of them is left out.
 *
 * @param varied - paths of the parameters of the space, `model/layers/0`; those that this configuration lacks are left out, and an object is shown by its parts
 */
export function experimentTag(trial: number, config: Config, varied: readonly string[]): string {
  const entries: string[] = [];
  for (const [path, value] of [...new Map(varied.flatMap((path) => leaves(path, valueAt(config, path))))].sort(([a], [b]) => (a < b ? -1 : 1))) {
    entries.push(`${clean(path.slice(path.lastIndexOf('/') + 1))}=${tagValue(value)}`);
  }
  return entries.length > 0 ? `${trial}_${entries.join(',')}` : String(trial);
}

/**
 * The folder of a trial: `<trainable>_<trialId>_<tag>` in ASCII, a portable name.
 * Unique in its experiment, case ignored too, because the id is never cut.
 */
export function trialDirName({ trainable, id, tag }: { readonly trainable: string; readonly id: string; readonly tag: string }): string {
  const named = portableName(safeName(trainable), `_${id}`);
  return portableName(`${named}_${safeName(tag)}`);
}

/** A number as a tag shows it. */
export function tagNumber(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value).replace('+', '');
  return Math.abs(value) < 1e-3 ? shortExponent(value) : value.toFixed(4);
}

const shortExponent = (value: number): string => value.toExponential(3).replace(/\.?0+e/, 'e');

function tagValue(value: Json): string {
  if (typeof value === 'number') return tagNumber(value);
  return clean(typeof value === 'string' ? value : JSON.stringify(value));
}

const clean = (text: string): string => text.slice(0, LONGEST_PART).replace(/[^A-Za-z0-9_-]/g, '_');

const safeName = (text: string): string => text.replace(/[^A-Za-z0-9_.,=-]/g, '_').replace(/^\./, '_');

/** A sub-space that was chosen is shown by its parts. */
function leaves(path: string, value: Json | undefined): readonly (readonly [string, Json])[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(`${path}/${key}`, inner));
}

function valueAt(config: Config, path: string): Json | undefined {
  let value: Json | undefined = config;
  for (const part of path.split('/')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, Json>)[part];
  }
  return value;
}
