import type { Json, JsonObject } from '../base/json.ts';
import { tagNumber } from '../trial/tag.ts';
import { clip } from './cell-text.ts';

/** Values longer than this are cut: a line is to be read at a glance. */
const LONGEST_VALUE = 24;

/** A value in a few characters, in one line; `?` for none. Costs no more for a value of a million characters. */
export function valueText(value: Json | undefined, longest = LONGEST_VALUE): string {
  if (value === undefined) return '?';
  if (typeof value === 'number') return numberText(value);
  return clip(typeof value === 'string' ? value : preview(value, longest), longest);
}

/** At most four decimals, without trailing zeros; small ones in exponent form. */
export const numberText = (value: number): string => (Number.isInteger(value) ? tagNumber(value) : tagNumber(value).replace(/\.?0+$/, ''));

/** The JSON of a value, or its beginning when it is longer than `room`. */
function preview(value: Json, room: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, room + 1));
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    let text = '[';
    for (let i = 0; i < items.length && text.length <= room; i++) text += `${i > 0 ? ',' : ''}${preview(items[i] ?? null, room - text.length)}`;
    return `${text}]`;
  }
  let text = '{';
  for (const key in value) {
    if (text.length > room) break;
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key.slice(0, room + 1))}:${preview((value as JsonObject)[key] ?? null, room - text.length)}`;
  }
  return `${text}}`;
}
