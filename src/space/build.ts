import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { checkFixed } from './check-fixed.ts';
import { cloneJson } from './clone-json.ts';
import type { Config } from './config.ts';
import type { Slot } from './derived.ts';
import { Pending, settleAll } from './derived.ts';
import { isObject, optionOf, own } from './fits.ts';
import type { NumericNode, OptionsNode, Space, SpaceNode } from './space.ts';

/** Who fills in the parameters: a stream, an encoding, an index. */
export interface Chooser {
  number(node: NumericNode): number;
  option(node: OptionsNode): number;
}

/**
 * One configuration: every parameter as `chooser` says, except where `fixed` has a value, and then what follows from them.
 * Fresh plain JSON. A number in `fixed` need not lie within the bounds of its domain; it is taken as it stands.
 * @throws {AttuneError} `CONFIG_INVALID` for what `fixed` cannot hold: see `checkFixed`
 */
export function build(space: Space, chooser: Chooser, fixed?: Config): Config {
  if (fixed !== undefined) checkFixed(space, fixed);
  const slots: Slot[] = [];
  const config = make(space.root, fixed, chooser, slots) as Config;
  if (slots.length > 0) settleAll(config, slots);
  return config;
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
  return cloneJson(fixed);
}
