import { nearest } from '../base/edit-distance.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { isDomain } from '../space/domain-brand.ts';
import { gridSearch } from '../space/domains.ts';
import { wrongUse } from './command.ts';
import type { Override } from './overrides.ts';

type Tree = Readonly<Record<string, unknown>>;

/**
 * The space of a sweep: the defaults, in which each override puts its value, or a `gridSearch` of its values.
 *
 * @param defaults - of the configuration; `undefined`: there are none, so that any key may be given
 * @throws {TypeError} of a wrong call, for a key that the defaults lack and that has no `+`, and for one that leads through a value
 */
export function overriddenSpace(defaults: Tree | undefined, overrides: readonly Override[]): JsonObject {
  const space = overrides.reduce<unknown>((node, override) => put(node, override, 0, defaults === undefined || override.isNew), defaults ?? {});
  return space as JsonObject;
}

function put(node: unknown, override: Override, depth: number, mayBeNew: boolean): unknown {
  const { path, values, text } = override;
  const key = path[depth];
  if (key === undefined) return values.length === 1 ? values[0] : (gridSearch as (values: readonly Json[]) => unknown)(values);
  if (!isBranch(node)) {
    throw wrongUse(`expected "${path.slice(0, depth).join('.')}" to hold keys, got a value; it cannot have "${key}": ${text}.`);
  }
  if (!mayBeNew && !Object.hasOwn(node, key)) throw unknownKey(node, override, depth);
  if (Array.isArray(node)) {
    if (!/^\d+$/.test(key) || Number(key) > node.length) throw wrongUse(`expected an index of ${node.length} items for "${key}": ${text}.`);
    return Object.assign([...(node as unknown[])], { [key]: put(node[Number(key)] ?? {}, override, depth + 1, mayBeNew) });
  }
  return { ...node, [key]: put(Object.hasOwn(node, key) ? node[key] : {}, override, depth + 1, mayBeNew) };
}

const isBranch = (node: unknown): node is Tree => typeof node === 'object' && node !== null && !isDomain(node);

function unknownKey(node: Tree, { path, text }: Override, depth: number): TypeError {
  const at = path.slice(0, depth).join('.');
  const keys = Object.keys(node);
  const meant = nearest(path[depth] as string, keys);
  const there = keys.length === 0 ? 'none' : keys.slice(0, 20).join(', ');
  const problem = `expected a key of the defaults${at === '' ? '' : ` under "${at}"`} (${there}), got "${path.join('.')}": ${text}.`;
  const hint = meant === undefined ? '' : ` Did you mean "${[...path.slice(0, depth), meant].join('.')}"?`;
  return wrongUse(`${problem}${hint} A new key is written +${path.join('.')}=…`);
}
