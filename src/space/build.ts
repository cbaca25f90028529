import { nearest } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { assertJson } from '../base/json.ts';
import { cloneJson } from './clone-json.ts';
import type { Config } from './config.ts';
import type { Slot } from './derived.ts';
import { Pending, settleAll } from './derived.ts';
import { isObject, optionOf, own } from './fits.ts';
import type { NumericNode, ObjectNode, OptionsNode, Space, SpaceNode } from './space.ts';

/** Who fills in the parameters: a stream, an encoding, an index. */
export interface Chooser {
  number(node: NumericNode): number;
  option(node: OptionsNode): number;
}

/**
 * One configuration: every parameter as `chooser` says, except where `fixed` has a value, and then what follows from them.
 * Fresh plain JSON. A value in `fixed` need not lie in its domain; it is taken as it stands.
 * @throws {AttuneError} `CONFIG_INVALID` when `fixed` has a key that the space lacks, or is not JSON
 */
export function build(space: Space, chooser: Chooser, fixed?: Config): Config {
  if (fixed !== undefined) assertFixed(fixed);
  const slots: Slot[] = [];
  const config = make(space.root, fixed, chooser, slots) as Config;
  if (slots.length > 0) settleAll(config, slots);
  return config;
}

function assertFixed(fixed: unknown): void {
  assertJson(fixed, 'configuration', 'CONFIG_INVALID');
  if (!isObject(fixed)) throw new AttuneError('CONFIG_INVALID', `configuration: expected an object, got ${JSON.stringify(fixed)}.`);
}

function make(node: SpaceNode, fixed: Json | undefined, chooser: Chooser, slots: Slot[]): unknown {
  switch (node.kind) {
    case 'constant':
      return fixed === undefined ? node.value : cloneJson(fixed);
    case 'numeric':
      return fixed === undefined ? chooser.number(node) : cloneJson(fixed);
    case 'derived':
      return fixed === undefined ? new Pending(node) : cloneJson(fixed);
    case 'options':
      return makeOption(node, fixed, chooser, slots);
    case 'array': {
      if (fixed !== undefined && !(Array.isArray(fixed) && fixed.length === node.items.length)) return cloneJson(fixed);
      const items: unknown[] = [];
      node.items.forEach((item, i) => place(items as never, i, make(item, fixed?.[i], chooser, slots), slots));
      return items;
    }
    case 'object': {
      if (fixed !== undefined && !isObject(fixed)) return cloneJson(fixed);
      if (fixed !== undefined) checkKeys(node.path, fixed, [node]);
      const object: Record<string, unknown> = {};
      for (const [key, child] of node.entries) place(object, key, make(child, own(fixed, key), chooser, slots), slots);
      return object;
    }
  }
}

function place(holder: Record<string | number, unknown>, key: string | number, value: unknown, slots: Slot[]): void {
  holder[key] = value;
  if (value instanceof Pending) slots.push({ holder, key, pending: value });
}

function makeOption(node: OptionsNode, fixed: Json | undefined, chooser: Chooser, slots: Slot[]): unknown {
  const chosen = fixed === undefined ? chooser.option(node) : optionOf(node, fixed, { partial: true });
  const option = node.options[chosen];
  if (option !== undefined) return make(option, fixed, chooser, slots);
  if (fixed === undefined) {
    throw new AttuneError('SPACE_INVALID', `paramSpace/${node.place.join('/')}: expected an option to choose, got an empty ${node.domain.kind}.`, {
      hint: 'Give at least one option.',
    });
  }
  const objects = node.options.filter((candidate) => candidate.kind === 'object');
  if (isObject(fixed) && objects.length > 0) checkKeys(node.place.join('/'), fixed, objects);
  return cloneJson(fixed);
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
