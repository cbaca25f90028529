import type { Json, JsonObject } from '../base/json.ts';
import type { Config } from './config.ts';
import { evaluateExpr } from './derived.ts';
import { isClose } from './multiple.ts';
import { holds } from './numeric.ts';
import type { DerivedNode, OptionsNode, SpaceNode } from './space.ts';

/** How closely a value must follow a part of a space. */
export interface Fit {
  /** Keys may be missing. */
  readonly partial: boolean;
  /** Numbers must lie in their domain; otherwise any number will do. */
  readonly strict: boolean;
  /** The whole configuration: an `expr` must then have its value. */
  readonly root?: Config;
}

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of an object's own key: a key such as `constructor` may be missing too. */
export const own = (object: JsonObject | undefined, key: string): Json | undefined =>
  object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;

/** Whether `value` is one that this part of the space could have produced. */
export function fits(node: SpaceNode, value: unknown, fit: Fit): boolean {
  switch (node.kind) {
    case 'constant':
      return Object.is(value, node.value);
    case 'object': {
      if (!isObject(value)) return false;
      for (const key in value) if (value[key] !== undefined && !node.entries.has(key)) return false;
      for (const [key, child] of node.entries) {
        const inner = own(value, key);
        if (inner === undefined ? !fit.partial : !fits(child, inner, fit)) return false;
      }
      return true;
    }
    case 'array':
      return Array.isArray(value) && value.length === node.items.length && node.items.every((item, i) => fits(item, value[i], fit));
    case 'numeric':
      return fit.strict ? holds(node.domain, value) : typeof value === 'number';
    case 'options':
      return node.options.some((option) => fits(option, value, fit));
    case 'derived':
      return fitsDerived(node, value, fit);
  }
}

function fitsDerived({ domain, path }: DerivedNode, value: unknown, { root }: Fit): boolean {
  if (domain.kind === 'sampleFrom') return value !== undefined;
  if (typeof value !== 'number') return false;
  if (root === undefined) return true;
  try {
    return isClose(value, evaluateExpr(domain, root, path));
  } catch {
    return false;
  }
}

/**
 * The first option that `value` fits: whole, else (when `partial`) with keys missing, else with numbers out of bounds;
 * -1 when there is none.
 */
export function optionOf(node: OptionsNode, value: Json | undefined, { partial, root }: { readonly partial: boolean; readonly root?: Config }): number {
  const find = (fit: Fit): number => node.options.findIndex((option) => fits(option, value, fit));
  const whole = find({ partial: false, strict: true, ...(root && { root }) });
  if (whole >= 0) return whole;
  const some = partial ? find({ partial, strict: true }) : -1;
  return some >= 0 ? some : find({ partial, strict: false });
}
