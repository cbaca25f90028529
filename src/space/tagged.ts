import { nearest } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import { TAG } from './domain-brand.ts';
import type { Domain } from './domains.ts';
import {
  choice,
  expr,
  gridSearch,
  lograndint,
  loguniform,
  qlograndint,
  qloguniform,
  qrandint,
  qrandn,
  quniform,
  randint,
  randn,
  storedSampleFrom,
  uniform,
  variation,
} from './domains.ts';

/** The key of the short form of a grid: `{ "grid_search": [1, 2] }`. */
const GRID = 'grid_search';

type Fields = Readonly<Record<string, never>>;

/** By kind: the fields of its JSON form, and how to make it of them. The factories check the values. */
const FORMS: { readonly [K in Domain['kind']]: { readonly fields: readonly string[]; readonly make: (fields: Fields) => Domain } } = {
  uniform: { fields: ['lower', 'upper'], make: ({ lower, upper }) => uniform(lower as never, upper as never) },
  loguniform: { fields: ['lower', 'upper'], make: ({ lower, upper }) => loguniform(lower as never, upper as never) },
  quniform: { fields: ['lower', 'upper', 'q'], make: ({ lower, upper, q }) => quniform(lower as never, upper as never, q as never) },
  qloguniform: { fields: ['lower', 'upper', 'q'], make: ({ lower, upper, q }) => qloguniform(lower as never, upper as never, q as never) },
  randint: { fields: ['lower', 'upper'], make: ({ lower, upper }) => randint(lower as never, upper as never) },
  lograndint: { fields: ['lower', 'upper'], make: ({ lower, upper }) => lograndint(lower as never, upper as never) },
  qrandint: { fields: ['lower', 'upper', 'q'], make: ({ lower, upper, q }) => qrandint(lower as never, upper as never, q) },
  qlograndint: { fields: ['lower', 'upper', 'q'], make: ({ lower, upper, q }) => qlograndint(lower as never, upper as never, q) },
  randn: { fields: ['mean', 'sd'], make: ({ mean, sd }) => randn(mean, sd) },
  qrandn: { fields: ['mean', 'sd', 'q'], make: ({ mean, sd, q }) => qrandn(mean as never, sd as never, q as never) },
  choice: { fields: ['options'], make: ({ options }) => choice(options as never) },
  gridSearch: { fields: ['options'], make: ({ options }) => gridSearch(options as never) },
  variation: { fields: ['options'], make: ({ options }) => variation(options as never) },
  sampleFrom: { fields: ['path'], make: () => storedSampleFrom() },
  expr: { fields: ['text'], make: ({ text }) => expr(text as never) },
};

/** The fields of a domain's JSON form, by kind. */
export const fieldsOf = (kind: Domain['kind']): readonly string[] => FORMS[kind].fields;

/**
 * The domain that a plain object stands for, or `undefined` when it is none.
 * @throws {AttuneError} `SPACE_INVALID` for a tag with an unknown kind or unknown fields; what the factories throw
 */
export function readTagged(value: Readonly<Record<string, unknown>>, where: string): Domain | undefined {
  if (Object.hasOwn(value, TAG)) return readDomain(value, where);
  const grid = Object.keys(value).length === 1 ? value[GRID] : undefined;
  return Array.isArray(grid) ? gridSearch(grid) : undefined;
}

function readDomain(value: Readonly<Record<string, unknown>>, where: string): Domain {
  const { [TAG]: kind, ...fields } = value;
  const kinds = Object.keys(FORMS);
  if (typeof kind !== 'string' || !Object.hasOwn(FORMS, kind)) {
    const hint = typeof kind === 'string' ? `Did you mean "${nearest(kind, kinds)}"?` : `Write one of ${kinds.join(', ')}.`;
    throw new AttuneError('SPACE_INVALID', `${where}: expected a kind of domain as "${TAG}", got ${JSON.stringify(kind)}.`, { hint });
  }
  const form = FORMS[kind as Domain['kind']];
  const unknown = Object.keys(fields).find((field) => !form.fields.includes(field));
  if (unknown !== undefined) {
    throw new AttuneError('SPACE_INVALID', `${where}: expected the fields ${form.fields.join(', ')} for "${kind}", got "${unknown}".`);
  }
  return form.make(fields as Fields);
}

/** A user's own key that looks like a tag gets one `$` more in stored form. */
export const escapeKey = (key: string): string => (/^\$*(\$domain|grid_search)$/.test(key) ? `$${key}` : key);
export const unescapeKey = (key: string): string => (/^\$+(\$domain|grid_search)$/.test(key) ? key.slice(1) : key);
