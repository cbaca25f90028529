import { canonicalJson } from '../base/json.ts';
import { countOf, holds, rangeOf, valueAt } from './numeric.ts';
import type { NumericNode, OptionsNode, SpaceNode } from './space.ts';
import { nodeToJson } from './space.ts';

/** Options that are settled beforehand. */
export type Point = ReadonlyMap<OptionsNode, number>;

/** A choice for every parameter that exists. */
export interface Assignment {
  readonly numbers: Map<NumericNode, number>;
  readonly options: Map<OptionsNode, number>;
}

/** The distinct values of a part of a space, in some order. */
export interface Count {
  /** `undefined` when there is no end of them. */
  readonly size: bigint | undefined;
  /** Writes down the `index`-th; 0 <= index < size. O(depth). */
  assign(index: bigint, into: Assignment): void;
}

/** Above this many, the values of options that overlap are not listed one by one; such a space counts as infinite. */
const LISTED = 100_000n;

const ONE: Count = { size: 1n, assign: () => undefined };

/** Counts the distinct values of `node`, given the options in `point`. `sampleFrom` and `expr` follow from the rest and add none. */
export function countNode(node: SpaceNode, point: Point): Count {
  switch (node.kind) {
    case 'constant':
    case 'derived':
      return ONE;
    case 'numeric': {
      const count = countOf(node.domain);
      return {
        size: Number.isFinite(count) ? BigInt(count) : undefined,
        assign: (index, { numbers }) => void numbers.set(node, valueAt(node.domain, Number(index))),
      };
    }
    case 'object':
      return product([...node.entries.values()].map((child) => countNode(child, point)));
    case 'array':
      return product(node.items.map((item) => countNode(item, point)));
    case 'options':
      return countOptions(node, point);
  }
}

/** Mixed radix, the first part fastest. */
function product(parts: readonly Count[]): Count {
  const varied = parts.filter((part) => part !== ONE);
  const size = varied.some((part) => part.size === 0n)
    ? 0n
    : varied.reduce<bigint | undefined>((all, part) => (all === undefined || part.size === undefined ? undefined : all * part.size), 1n);
  const assign = (index: bigint, into: Assignment): void => {
    let rest = index;
    for (const part of varied) {
      const radix = part.size as bigint;
      part.assign(rest % radix, into);
      rest /= radix;
    }
  };
  return { size, assign };
}

function countOptions(node: OptionsNode, point: Point): Count {
  const settled = point.get(node);
  const candidates = settled === undefined ? distinctOptions(node) : [settled];
  const counts = candidates.map((option) => countNode(node.options[option] as SpaceNode, point));
  const assignOption = (i: number, index: bigint, into: Assignment): void => {
    into.options.set(node, candidates[i] as number);
    (counts[i] as Count).assign(index, into);
  };
  const total = counts.reduce<bigint | undefined>((sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size), 0n);
  if (total === undefined) return { size: undefined, assign: () => undefined };
  const parts = candidates.map((option) => node.options[option] as SpaceNode);
  if (!areDisjoint(parts)) return total > LISTED ? { size: undefined, assign: () => undefined } : listed(parts, counts, assignOption);
  const starts: bigint[] = [];
  counts.reduce((start, { size }) => (starts.push(start), start + (size as bigint)), 0n);
  return {
    size: total,
    assign(index, into) {
      const i = lastAtMost(starts, index);
      assignOption(i, index - (starts[i] as bigint), into);
    },
  };
}

/** Of equal options the first. */
function distinctOptions({ options }: OptionsNode): number[] {
  const seen = new Set<string>();
  return options.flatMap((option, i) => {
    const key = hasFunction(option) ? `function ${i}` : canonicalJson(nodeToJson(option));
    if (seen.has(key)) return [];
    seen.add(key);
    return [i];
  });
}

function hasFunction(node: SpaceNode): boolean {
  return node.kind === 'derived' ? node.domain.kind === 'sampleFrom' : childrenOf(node).some(hasFunction);
}

export function childrenOf(node: SpaceNode): readonly SpaceNode[] {
  if (node.kind === 'object') return [...node.entries.values()];
  if (node.kind === 'array') return node.items;
  return node.kind === 'options' ? node.options : [];
}

/** The last of the ascending `starts` that is at most `index`. */
function lastAtMost(starts: readonly bigint[], index: bigint): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] as bigint) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Whether no value belongs to two of these options, which are distinct; `false` when that cannot be told. */
function areDisjoint(options: readonly SpaceNode[]): boolean {
  const open = options.filter((option) => !isConstant(option));
  return open.every((option) => options.every((other) => other === option || disjoint(option, other)));
}

const isConstant = (node: SpaceNode): boolean =>
  node.kind === 'constant' || ((node.kind === 'object' || node.kind === 'array') && childrenOf(node).every(isConstant));

function disjoint(a: SpaceNode, b: SpaceNode): boolean {
  if (a.kind === 'derived' || b.kind === 'derived') return false;
  if (a.kind === 'options') return a.options.every((option) => disjoint(option, b));
  if (b.kind === 'options') return disjoint(b, a);
  if (a.kind === 'constant' && b.kind === 'constant') return !Object.is(a.value, b.value);
  if (a.kind === 'numeric' && b.kind === 'numeric') return apart(a, b);
  if (a.kind === 'numeric' && b.kind === 'constant') return !holds(a.domain, b.value);
  if (a.kind === 'constant' && b.kind === 'numeric') return !holds(b.domain, a.value);
  if (a.kind === 'array' && b.kind === 'array') return a.items.length !== b.items.length || a.items.some((item, i) => disjoint(item, b.items[i] as SpaceNode));
  if (a.kind !== 'object' || b.kind !== 'object') return true;
  if (a.entries.size !== b.entries.size) return true;
  return [...a.entries].some(([key, child]) => {
    const other = b.entries.get(key);
    return other === undefined || disjoint(child, other);
  });
}

function apart(a: NumericNode, b: NumericNode): boolean {
  const [first, second] = [a, b].map(({ domain }) => {
    const { lower, upper, log } = rangeOf(domain);
    return log ? { lower: Math.exp(lower) * (1 - 1e-9), upper: Math.exp(upper) * (1 + 1e-9) } : { lower, upper };
  }) as [{ lower: number; upper: number }, { lower: number; upper: number }];
  return first.upper < second.lower || second.upper < first.lower;
}

/** Options that overlap: every value once, found by listing them all. */
function listed(parts: readonly SpaceNode[], counts: readonly Count[], assign: (i: number, index: bigint, into: Assignment) => void): Count {
  const seen = new Set<string>();
  const values: (readonly [number, bigint])[] = [];
  counts.forEach((count, i) => {
    for (let index = 0n; index < (count.size as bigint); index++) {
      const assignment: Assignment = { numbers: new Map(), options: new Map() };
      count.assign(index, assignment);
      const key = textOf(parts[i] as SpaceNode, assignment);
      if (seen.has(key)) continue;
      seen.add(key);
      values.push([i, index]);
    }
  });
  return {
    size: BigInt(values.length),
    assign(index, into) {
      const [i, inner] = values[Number(index)] as readonly [number, bigint];
      assign(i, inner, into);
    },
  };
}

/** A text that is equal exactly for equal values, where what follows from others stands as its rule. */
function textOf(node: SpaceNode, { numbers, options }: Assignment): string {
  switch (node.kind) {
    case 'constant':
      return canonicalJson(node.value);
    case 'numeric':
      return canonicalJson(numbers.get(node));
    case 'derived':
      return node.domain.kind === 'expr' ? `expr ${JSON.stringify(node.domain.expression.text)}` : `sampleFrom ${JSON.stringify(node.when ?? null)}`;
    case 'array':
      return `[${node.items.map((item) => textOf(item, { numbers, options })).join()}]`;
    case 'object': {
      const entries = [...node.entries].sort(([a], [b]) => (a < b ? -1 : 1));
      return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${textOf(child, { numbers, options })}`).join()}}`;
    }
    case 'options':
      return textOf(node.options[options.get(node) as number] as SpaceNode, { numbers, options });
  }
}
