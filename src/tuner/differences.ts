import type { Json } from '../base/json.ts';
import { canonicalJson } from '../base/json.ts';
import { TAG } from '../space/domain-brand.ts';
import { fieldsOf } from '../space/tagged.ts';

type Tree = Readonly<Record<string, Json | undefined>>;

/** The most characters of a value that a difference shows. */
const LONGEST = 200;

/**
 * Where what was recorded and what is given differ, one line each: `paramSpace.lr: recorded loguniform(0.001, 0.1), got uniform(0, 1)`.
 * Domains in their JSON form are shown as they are written.
 *
 * @param path - how the option is called
 * @param isOrdered - the order of keys counts too: it is the order of the parameters
 */
export function differences(path: string, recorded: Json | undefined, given: Json | undefined, isOrdered = false): readonly string[] {
  const isSame = recorded !== undefined && given !== undefined ? canonicalJson(recorded) === canonicalJson(given) : recorded === given;
  if (isSame) return isOrdered ? orderOf(path, recorded, given) : [];
  const inside = partsOf(path, recorded, given).flatMap(([name, a, b]) => differences(name, a, b, isOrdered));
  return inside.length > 0 ? inside : [`${path}: recorded ${textOf(recorded)}, got ${textOf(given)}`];
}

/** The parts that both have in common, by name: of two objects, two arrays of one length, or two choices of as many options. */
function partsOf(path: string, a: Json | undefined, b: Json | undefined): readonly (readonly [string, Json | undefined, Json | undefined])[] {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length ? a.map((item, i) => [`${path}[${i}]`, item as Json, b[i] as Json]) : [];
  if (!isObject(a) || !isObject(b)) return [];
  if (TAG in a || TAG in b) return a[TAG] === b[TAG] && 'options' in a ? partsOf(path, a['options'], b['options']) : [];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [`${path}.${key}`, a[key], b[key]]);
}

/** Where equal values have their keys in another order. */
function orderOf(path: string, a: Json | undefined, b: Json | undefined): readonly string[] {
  if (!isObject(a) || !isObject(b) || TAG in a) return partsOf(path, a, b).flatMap(([name, recorded, given]) => orderOf(name, recorded, given));
  const [before, now] = [Object.keys(a).join(', '), Object.keys(b).join(', ')];
  if (before !== now) return [`${path}: recorded the order ${before}, got ${now}`];
  return partsOf(path, a, b).flatMap(([name, recorded, given]) => orderOf(name, recorded, given));
}

/** A call as a user writes it: `asha(maxT: 9)`. */
export function callText({ name, options }: { readonly name: string; readonly options?: Json }): string {
  const text = options === undefined ? '' : textOf(options).replace(/^\{ (.*) \}$/s, '$1');
  return `${name}(${text === '{}' ? '' : text})`;
}

function textOf(value: Json | undefined): string {
  const text = writtenOut(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function writtenOut(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(writtenOut).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const kind = value[TAG];
  if (typeof kind === 'string')
    return kind === 'sampleFrom'
      ? 'sampleFrom(…)'
      : `${kind}(${fieldsOf(kind as never)
          .map((field) => writtenOut(value[field]))
          .join(', ')})`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? '{}' : `{ ${entries.map(([key, inner]) => `${key}: ${writtenOut(inner)}`).join(', ')} }`;
}

const isObject = (value: Json | undefined): value is Tree & Json => typeof value === 'object' && value !== null && !Array.isArray(value);
