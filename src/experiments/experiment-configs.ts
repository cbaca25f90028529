import { AttuneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';
import { isDomain, TAG } from '../space/domain-brand.ts';
import { checkRepetitions } from '../trainable/repetitions.ts';
import { listsOf } from '../trainable/typed-arrays.ts';

/** Keys that are put into a configuration, or beside its keys into a record. */
const RESERVED = ['experiment_id', 'run_id', 'out_path', 'scores', 'error', 'finished'];
/** Deeper than this is a circle. */
const MAX_DEPTH = 64;

/**
 * The configurations of a list as plain JSON, which nothing of the caller's can change any more: typed arrays are lists, each has its number
 * as `experiment_id`, and its own `repetitions` or those of all.
 *
 * @throws {AttuneError} `OPTION_RANGE` unless it is a list that is not empty; `CONFIG_INVALID` for a reserved key, and for what is not JSON, naming where
 */
export function experimentConfigs(cfgs: unknown, repetitions: number): readonly JsonObject[] {
  if (!Array.isArray(cfgs) || cfgs.length === 0) {
    const got = Array.isArray(cfgs) ? 'an empty one' : describe(cfgs);
    throw new AttuneError('OPTION_RANGE', `runExperiments: expected a list of at least one configuration, got ${got}.`, {
      hint: 'Write them, or make them with generateConfigs.',
    });
  }
  return Array.from(cfgs, (cfg: unknown, experiment_id) => {
    const where = `cfgs[${experiment_id}]`;
    const own = plain(listsOf(cfg), where, 0);
    if (typeof own !== 'object' || own === null || Array.isArray(own)) throw invalid(where, 'an object', describe(cfg), 'Write { model: "svm", lr: 0.1 }.');
    const taken = RESERVED.find((key) => Object.hasOwn(own as JsonObject, key));
    if (taken !== undefined)
      throw invalid(where, `a configuration without the reserved key "${taken}"`, 'one', 'Give your own another name: this one is written for you.');
    const config: JsonObject = { experiment_id, repetitions, ...(own as JsonObject) };
    checkRepetitions(where, config['repetitions'], 'CONFIG_INVALID');
    return config;
  });
}

const invalid = (where: string, expected: string, got: string, hint: string): AttuneError =>
  new AttuneError('CONFIG_INVALID', `runExperiments: ${where}: expected ${expected}, got ${got}.`, { hint });

function plain(value: unknown, where: string, depth: number): Json {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw invalid(where, 'a finite number', String(value), 'JSON has no such number: use null, or a name.');
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  if (depth > MAX_DEPTH) throw invalid(where.slice(0, 80), 'JSON', 'an object inside itself', 'Name what is meant, and look it up in pre.');
  if (isDomain(value)) throw invalid(where, 'a value', 'a domain', 'generateConfigs(cfg, n) makes configurations of variation([…]).');
  if (Array.isArray(value)) return value.map((inner, i) => plain(inner, `${where}[${i}]`, depth + 1));
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) throw notJson(where, value);
  const entries = Object.entries(value as object).filter(([, inner]) => inner !== undefined);
  const odd = entries.find(([key, inner]) => key === '__proto__' || key === TAG || (key === 'grid_search' && entries.length === 1 && Array.isArray(inner)));
  if (odd) throw invalid(`${where}.${odd[0]}`, 'another name', describe(odd[0]), 'It has a meaning in a search space.');
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner, `${where}.${key}`, depth + 1)]));
}

function notJson(where: string, value: unknown): AttuneError {
  const isTensor = typeof value === 'object' && value !== null && 'dataSync' in value;
  const named = typeof value === 'object' ? `a ${value?.constructor?.name ?? 'class instance'}` : describe(value);
  const hint = isTensor
    ? 'Write Array.from(await tensor.data()), or make it in pre.'
    : typeof value === 'function'
      ? `Write its name, and look it up in pre: docs/experiments.md shows how.`
      : 'A configuration is what a JSON file can hold: write numbers and names, and make the object in pre.';
  return invalid(where, 'JSON', isTensor ? 'a tf.Tensor' : named, hint);
}
