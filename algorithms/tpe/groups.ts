import { type Axis, axisOf } from '../../src/space/axis.ts';
import type { Condition, Space } from '../../src/space/space.ts';

/** Parameters that are there together, and are drawn together. */
export interface Group {
  /** Absent for those that every configuration has. */
  readonly when?: Condition;
  readonly axes: readonly Axis[];
}

/**
 * The parameters that have more than one value, by the option that they need; a group comes after the one that its option belongs
 * to. A configuration has all the parameters of a group or none of them.
 *
 * @param apart - every parameter is a group of its own
 */
export function groupsOf({ parameters }: Space, apart: boolean): readonly Group[] {
  const groups = new Map<string, Group & { readonly axes: Axis[] }>();
  parameters.forEach((parameter, index) => {
    if (parameter.range.cardinality === 1) return;
    const { when } = parameter;
    const key = apart ? `${index}` : `${when?.parameter}/${when?.option}`;
    const group = groups.get(key) ?? { ...(when === undefined ? {} : { when }), axes: [] };
    group.axes.push(axisOf(parameter, index));
    groups.set(key, group);
  });
  return [...groups.values()];
}
