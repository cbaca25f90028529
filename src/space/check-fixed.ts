import { nearest } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { assertJson } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { Config } from './config.ts';
import { isObject, optionOf, own } from './fits.ts';
import type { ObjectNode, OptionsNode, Segment, Space, SpaceNode } from './space.ts';

/**
 * Checks values that are to be kept, of a part of a configuration or of all of it. Numbers may lie outside the bounds of their domain.
 * @throws {AttuneError} `CONFIG_INVALID` for what is not JSON, a key that the space lacks, no number where a domain gives numbers, a fraction where it gives integers,
 *   and what is none of the options
 */
export function checkFixed(space: Space, fixed: unknown): asserts fixed is Config {
  assertJson(fixed, 'configuration', 'CONFIG_INVALID');
  check(space.root, fixed, []);
}

function check(node: SpaceNode, fixed: Json, path: readonly Segment[]): void {
  switch (node.kind) {
    case 'constant':
      if (typeOf(fixed) !== typeOf(node.value)) throw wrong(path, typeOf(node.value), fixed);
      return;
    case 'numeric':
      if (typeOf(fixed) !== 'a finite number') throw wrong(path, 'a finite number', fixed);
      if (node.domain.kind.endsWith('randint') && !Number.isInteger(fixed)) throw wrong(path, 'an integer', fixed);
      return;
    case 'derived':
      if (node.domain.kind === 'expr' && typeOf(fixed) !== 'a finite number') throw wrong(path, 'a finite number', fixed);
      return;
    case 'options':
      checkOption(node, fixed, path);
      return;
    case 'array': {
      const items: unknown = fixed;
      if (!Array.isArray(items) || items.length !== node.items.length) throw wrong(path, `an array of ${node.items.length}`, fixed);
      node.items.forEach((item, i) => check(item, items[i] as Json, [...path, i]));
      return;
    }
    case 'object':
      if (!isObject(fixed)) throw wrong(path, 'an object', fixed);
      checkKeys(node.path, fixed, [node]);
      for (const [key, child] of node.entries) {
        const value = own(fixed, key);
        if (value !== undefined) check(child, value, [...path, key]);
      }
  }
}

function checkOption(node: OptionsNode, fixed: Json, path: readonly Segment[]): void {
  const option = node.options[optionOf(node, fixed, { partial: true })];
  if (option !== undefined) return check(option, fixed, path);
  const objects = node.options.filter((candidate) => candidate.kind === 'object');
  if (isObject(fixed) && objects.length > 0) checkKeys(node.place.join('/'), fixed, objects);
  const listed = node.options.flatMap((candidate) => (candidate.kind === 'constant' ? [JSON.stringify(candidate.value)] : []));
  const hint =
    listed.length === node.options.length && listed.length <= 20 ? `The options: ${listed.join(', ') || '(none)'}.` : 'See its options in the space.';
  throw wrong(path, `one of the ${node.options.length} options of this ${node.domain.kind}`, fixed, hint);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isFinite(value) ? 'a finite number' : String(value);
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function wrong(path: readonly Segment[], expected: string, got: unknown, hint?: string): AttuneError {
  const problem = `${['configuration', ...path].join('/')}: expected ${expected}, got ${describe(got)}.`;
  return new AttuneError('CONFIG_INVALID', problem, { hint: hint ?? 'Give a value that the space could produce; a number may lie outside its bounds.' });
}

/** @throws {AttuneError} `CONFIG_INVALID` for a key that none of `nodes`, which stand at `path`, has */
export function checkKeys(path: string, fixed: Config, nodes: readonly ObjectNode[]): void {
  const known = new Set(nodes.flatMap((node) => [...node.entries.keys()]));
  const unknown = Object.keys(fixed).find((key) => fixed[key] !== undefined && !known.has(key));
  if (unknown === undefined) return;
  const meant = nearest(unknown, [...known]);
  const at = path === '' ? unknown : `${path}/${unknown}`;
  const hint = meant === undefined ? 'The space has no parameters there.' : `Did you mean "${meant}"?`;
  throw new AttuneError('CONFIG_INVALID', `configuration: expected keys of the space, got "${at}".`, { hint });
}
