import { AttuneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';

/** Deeper than this is a cycle. */
const MAX_DEPTH = 64;

/**
 * A copy of what a trial reported, which it may change afterwards.
 *
 * @param where - begins the message: `report`
 * @throws {AttuneError} `METRIC_NOT_JSON` naming the key of the first value that is not JSON, and what to write instead; also for a key `__proto__`
 */
export function copyMetrics(where: string, metrics: unknown): JsonObject {
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics) || !isPlain(metrics)) {
    const [got, hint] = diagnose(metrics);
    throw new AttuneError(
      'METRIC_NOT_JSON',
      `${where}: expected an object of metrics, got ${got}.`,
      hint === undefined ? {} : { hint: `${hint}, under a key: { loss: … }.` },
    );
  }
  return copyObject(where, metrics, '', 0);
}

function copyObject(where: string, value: object, prefix: string, depth: number): JsonObject {
  if (Object.hasOwn(value, '__proto__')) {
    const problem = `${where}: expected names of metrics, got "${prefix}__proto__", which names the prototype of an object.`;
    throw new AttuneError('METRIC_NOT_JSON', problem, { hint: 'Give it another name.' });
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(where, inner, prefix + key, depth + 1)]));
}

function copy(where: string, value: unknown, path: string, depth: number): Json {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (depth > MAX_DEPTH) throw new AttuneError('METRIC_NOT_JSON', `${where}: expected JSON, got an object inside itself at "${path.slice(0, 40)}…".`);
  if (Array.isArray(value)) return value.map((inner, i) => copy(where, inner, `${path}/${i}`, depth + 1));
  if (typeof value === 'object' && isPlain(value)) return copyObject(where, value, `${path}/`, depth);
  const [got, hint] = diagnose(value);
  throw new AttuneError('METRIC_NOT_JSON', `${where}: expected JSON at "${path}", got ${got}.`, hint === undefined ? {} : { hint: `${hint}.` });
}

/** Objects of another realm are plain too. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** What a value is, and what to write instead. */
function diagnose(value: unknown): readonly [got: string, hint?: string] {
  switch (typeof value) {
    case 'bigint':
      return ['a BigInt', 'Write Number(value)'];
    case 'function':
      return ['a function', 'Call it, and report what it returns'];
    case 'undefined':
      return ['undefined', 'Leave the key out, or write null'];
    case 'object':
      return value === null || Array.isArray(value) ? [describe(value)] : diagnoseObject(value);
    default:
      return [describe(value)];
  }
}

function diagnoseObject(value: object): readonly [got: string, hint?: string] {
  const made = value.constructor?.name || 'class instance';
  if ('dataSync' in value && 'dtype' in value) return ['a tf.Tensor', 'Write (await t.data())[0]'];
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return [`a ${made}`, 'Write value[0], or Array.from(value)'];
  if (value instanceof Date) return ['a Date', 'Write date.toISOString(), or date.getTime()'];
  if ('then' in value) return ['a Promise', 'Write await in front of it'];
  if (value instanceof Map) return ['a Map', 'Write Object.fromEntries(map)'];
  if (value instanceof Set) return ['a Set', 'Write [...set]'];
  return [`an instance of ${made}`, 'Report its numbers as a plain object'];
}
