import type { JsonObject } from '../../base/json.ts';
import { shown } from './axis.ts';

/** What pointing at a mark shows: fields, by what they are called. Vega refuses names that every object has, and `then`: these get a space. */
export const tips = (fields: Readonly<Record<string, string>>): readonly JsonObject[] =>
  Object.entries(fields).map(([field, title]) => ({ field, title: title in Object.prototype || title === 'then' ? `${title} ` : shown(title) }));
