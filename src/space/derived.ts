import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { findNonJson } from '../base/json.ts';
import { describe } from '../base/options.ts';
import { cloneJson } from './clone-json.ts';
import type { Config } from './config.ts';
import { isDomain } from './domain-brand.ts';
import type { ExprDomain } from './domains.ts';
import { lookup } from './lookup.ts';
import type { DerivedNode } from './space.ts';

/** A value that follows from others, in its place until it is settled. */
export class Pending {
  readonly node: DerivedNode;
  state: 'waiting' | 'busy' | 'settled' = 'waiting';

  constructor(node: DerivedNode) {
    this.node = node;
  }
}

/** Where a `Pending` stands. */
export interface Slot {
  readonly holder: Record<string | number, unknown>;
  readonly key: string | number;
  readonly pending: Pending;
}

/**
 * Replaces every pending value by what it comes to, in the order in which they need each other.
 * @throws {AttuneError} `SPACE_INVALID` when they wait for each other in a circle, or a function throws
 */
export function settleAll(root: Config, slots: readonly Slot[]): void {
  const places = new Map(slots.map((slot) => [slot.pending, slot] as const));
  const views = new WeakMap<object, object>();
  const chain: Pending[] = [];

  const settle = ({ holder, key, pending }: Slot): unknown => {
    if (pending.state === 'settled') return holder[key];
    if (pending.state === 'busy') throw circle(chain, pending);
    pending.state = 'busy';
    chain.push(pending);
    const value = compute(pending.node, view(root) as Config);
    chain.pop();
    pending.state = 'settled';
    holder[key] = value;
    return value;
  };
  const seen = (value: unknown): unknown => {
    const settled = value instanceof Pending ? settle(places.get(value) as Slot) : value;
    return typeof settled === 'object' && settled !== null ? view(settled) : settled;
  };
  const view = (target: object): object => {
    const known = views.get(target);
    if (known) return known;
    const made = new Proxy(target, {
      get: (object, key) => seen(Reflect.get(object, key)),
      set: refuseWrite,
      deleteProperty: refuseWrite,
      defineProperty: refuseWrite,
    });
    views.set(target, made);
    return made;
  };

  for (const slot of slots) settle(slot);
}

function refuseWrite(): never {
  throw new AttuneError('SPACE_INVALID', 'sampleFrom: expected a function that reads the configuration, got one that changes it.', {
    hint: 'Return the value.',
  });
}

function circle(chain: readonly Pending[], pending: Pending): AttuneError {
  const names = [...chain.slice(chain.indexOf(pending)), pending].map(({ node }) => node.path);
  const hint = 'A sampleFrom that reads the whole configuration also reads itself; name the keys it needs.';
  return new AttuneError('SPACE_INVALID', `paramSpace/${pending.node.path}: expected a value that can be computed, got a circle: ${names.join(' needs ')}.`, {
    hint,
  });
}

function compute(node: DerivedNode, config: Config): Json {
  return node.domain.kind === 'expr' ? evaluateExpr(node.domain, config, node.path) : callDerive(node, node.domain.derive, config);
}

/** @throws {AttuneError} `EXPRESSION_INVALID` when the result is no number: a name is missing here, or holds none */
export function evaluateExpr({ expression }: ExprDomain, config: Config, path: string): number {
  const value = Number(expression.evaluate((name) => lookup(config, name)));
  if (!Number.isNaN(value)) return value;
  const operands = expression.names.map((name) => `${name} = ${describe(lookup(config, name.replaceAll('.', '/')))}`);
  const hint = 'Every name must be a number in every configuration in which the expr stands.';
  throw new AttuneError(
    'EXPRESSION_INVALID',
    `paramSpace/${path}: expected expr "${expression.text}" to give a number, got NaN with ${operands.join(', ') || 'no names'}.`,
    { hint },
  );
}

function callDerive({ path }: DerivedNode, derive: ((config: Config) => unknown) | undefined, config: Config): Json {
  if (derive === undefined) {
    const hint = 'Give the space again, as `paramSpace`.';
    throw new AttuneError('SPACE_INVALID', `paramSpace/${path}: expected the function of this sampleFrom, got only the marker that was stored.`, { hint });
  }
  const value = call(path, derive, config);
  const found = findNonJson(value);
  if (found)
    throw new AttuneError(
      'CONFIG_INVALID',
      `paramSpace/${path}: expected sampleFrom to return JSON, got ${found.got}${found.path.length > 0 ? ` at "${found.path.join('/')}"` : ''}.`,
    );
  if (isDomain(value))
    throw new AttuneError('SPACE_INVALID', `paramSpace/${path}: expected sampleFrom to return a value, got a domain.`, { hint: 'Use a choice of sub-spaces.' });
  return cloneJson(value as Json);
}

function call(path: string, derive: (config: Config) => unknown, config: Config): unknown {
  try {
    return derive(config);
  } catch (cause) {
    if (cause instanceof AttuneError) throw cause;
    throw new AttuneError(
      'SPACE_INVALID',
      `paramSpace/${path}: expected sampleFrom to return a value, got the error "${cause instanceof Error ? cause.message : String(cause)}".`,
      {
        hint: 'See the cause of this error.',
        cause,
      },
    );
  }
}
