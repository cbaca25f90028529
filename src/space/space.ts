import { nearest } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import type { Expression } from '../base/expression.ts';
import type { Json } from '../base/json.ts';
import { describe } from '../base/options.ts';
import { rng } from '../base/rng.ts';
import { isDomain, TAG } from './domain-brand.ts';
import type { DerivedDomain, Domain, NumericDomain, OptionsDomain } from './domains.ts';
import type { Range } from './numeric.ts';
import { draw, rangeOf } from './numeric.ts';
import { escapeKey, fieldsOf, readTagged, unescapeKey } from './tagged.ts';

/** A key of an object, an index of an array, or the number of an option. */
export type Segment = string | number;

/** A search space, checked and immutable. */
export interface Space {
  /** A choice among whole spaces has options at its root. */
  readonly root: ObjectNode | OptionsNode;
  /** What is searched, a `choice` before what its options hold. `sampleFrom` and `expr` are not among them: they follow. */
  readonly parameters: readonly Parameter[];
  /** `parameters.length`. */
  readonly dimensions: number;
  /** Whether a configuration has values that follow from others. */
  readonly derived: boolean;
}

/** One dimension of a space. */
export interface Parameter {
  /** Where it stands in a configuration: `model/layers/0`. Parameters of different options may share a path. */
  readonly path: string;
  /** Unlike any other parameter's: `optimizer[1]/lr` is the `lr` of the second option. */
  readonly name: string;
  readonly domain: NumericDomain | OptionsDomain;
  readonly kind: 'numeric' | 'categorical';
  /** Of a categorical parameter: 0 to the number of options less one, by steps of 1. */
  readonly range: Range;
  /** Absent for a parameter that every configuration has. */
  readonly when?: Condition;
}

/** The parameter exists when the categorical parameter number `parameter` has the option number `option` (and exists itself). */
export interface Condition {
  readonly parameter: number;
  readonly option: number;
}

export type SpaceNode = ConstantNode | ObjectNode | ArrayNode | NumericNode | OptionsNode | DerivedNode;

export interface ConstantNode {
  readonly kind: 'constant';
  readonly value: null | boolean | number | string;
}
export interface ObjectNode {
  readonly kind: 'object';
  readonly path: string;
  readonly entries: ReadonlyMap<string, SpaceNode>;
}
export interface ArrayNode {
  readonly kind: 'array';
  readonly items: readonly SpaceNode[];
}
export interface NumericNode {
  readonly kind: 'numeric';
  /** Into `parameters`. */
  readonly index: number;
  readonly domain: NumericDomain;
  /** What its draws are keyed by: the path with the option numbers in it. */
  readonly stream: readonly Segment[];
}
export interface OptionsNode {
  readonly kind: 'options';
  readonly index: number;
  readonly domain: OptionsDomain;
  readonly options: readonly SpaceNode[];
  readonly stream: readonly Segment[];
  readonly place: readonly Segment[];
}
export interface DerivedNode {
  readonly kind: 'derived';
  readonly domain: DerivedDomain;
  readonly path: string;
  readonly when?: Condition;
}

/**
 * Checks a space and makes it ready for use. Accepts domains, plain values, objects and arrays of these, and their JSON forms.
 * @throws {AttuneError} `SPACE_INVALID`, `CONFIG_INVALID` for a number that JSON lacks, `EXPRESSION_INVALID`, or what the domain that is wrong has to say
 * @example
 * import { choice, compileSpace, uniform } from 'attune';
 *
 * const space = compileSpace({ kind: choice([{ name: 'sgd', momentum: uniform(0, 1) }, { name: 'adam' }]) });
 * space.parameters.map(({ name }) => name); // => ['kind', 'kind[0]/momentum']
 */
export function compileSpace(input: unknown): Space {
  return compile(input, (key) => key);
}

/**
 * The space that `spaceToJson` has written.
 * @throws {AttuneError} like `compileSpace`. A `sampleFrom` in it has no function: sampling then fails.
 * @example
 * import { compileSpace, randint, spaceFromJson, spaceToJson } from 'attune';
 *
 * const space = compileSpace({ units: randint(1, 9) });
 * spaceFromJson(spaceToJson(space)).dimensions; // => 1
 */
export function spaceFromJson(json: Json): Space {
  return compile(json, unescapeKey);
}

interface Place {
  readonly path: readonly Segment[];
  readonly stream: readonly Segment[];
  readonly name: string;
  readonly when?: Condition;
  readonly above: readonly object[];
}

/** A value without parts, and the option it stands in. */
interface Leaf {
  readonly node: SpaceNode;
  readonly when?: Condition;
}

interface Compilation {
  readonly parameters: Parameter[];
  /** Those of the parameters: no two are equal. */
  readonly names: Set<string>;
  readonly derived: DerivedNode[];
  /** By dotted name: the values that may stand there. */
  readonly leaves: Map<string, Leaf[]>;
  readonly key: (key: string) => string;
}

function compile(input: unknown, key: (key: string) => string): Space {
  const into: Compilation = { parameters: [], names: new Set(), derived: [], leaves: new Map(), key };
  const root = isPlainObject(input) ? compileNode(input, { path: [], stream: [], name: '', above: [] }, into) : undefined;
  if (root === undefined || !isWhole(root)) {
    throw new AttuneError('SPACE_INVALID', `paramSpace: expected an object of parameters, got ${root === undefined ? describe(input) : 'a domain'}.`, {
      hint: 'Name the parameter: { lr: uniform(0, 1) }.',
    });
  }
  checkExpressions(into);
  return Object.freeze({ root, parameters: into.parameters, dimensions: into.parameters.length, derived: into.derived.length > 0 });
}

/** Gives configurations, which are objects. */
const isWhole = (node: SpaceNode): node is Space['root'] => node.kind === 'object' || (node.kind === 'options' && node.options.every(isWhole));

const where = ({ path }: Pick<Place, 'path'>): string => ['paramSpace', ...path].join('/');

function compileNode(input: unknown, place: Place, into: Compilation): SpaceNode {
  if (input === null || typeof input === 'boolean' || typeof input === 'number' || typeof input === 'string')
    return leaf({ kind: 'constant', value: checkFinite(input, place) }, place, into);
  if (typeof input !== 'object') {
    const hint = typeof input === 'function' ? 'Wrap it: sampleFrom((config) => …).' : 'Use a domain, or plain JSON.';
    throw new AttuneError('SPACE_INVALID', `${where(place)}: expected a domain or JSON, got ${describe(input)}.`, { hint });
  }
  if (place.above.includes(input)) throw new AttuneError('SPACE_INVALID', `${where(place)}: expected a tree, got an object that contains itself.`);
  const inside = { ...place, above: [...place.above, input] };
  if (isDomain(input)) return compileDomain(input as Domain, inside, into);
  if (Array.isArray(input)) return { kind: 'array', items: input.map((item, i) => compileNode(item, within(inside, i), into)) };
  if (!isPlainObject(input)) throw new AttuneError('SPACE_INVALID', `${where(place)}: expected a domain or JSON, got a ${input.constructor.name}.`);
  const domain = readTagged(input, where(place));
  if (domain) return compileDomain(domain, inside, into);
  const entries = Object.entries(input).filter(([, value]) => value !== undefined);
  const compiled = entries.map(([raw, value]) => {
    const key = into.key(raw);
    if (key === '__proto__') throw new AttuneError('SPACE_INVALID', `${where(place)}: expected another name, got the key "__proto__".`);
    return [key, compileNode(value, within(inside, key), into)] as const;
  });
  return { kind: 'object', path: place.path.join('/'), entries: new Map(compiled) };
}

function checkFinite<T>(value: T, place: Place): T {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  const hint = 'A configuration is JSON, which has no NaN and no infinities: use null or a name for them.';
  throw new AttuneError('CONFIG_INVALID', `${where(place)}: expected a finite number, got ${value}.`, { hint });
}

function within(place: Place, segment: Segment): Place {
  const name = place.name === '' ? String(segment) : `${place.name}/${segment}`;
  return { ...place, path: [...place.path, segment], stream: [...place.stream, segment], name };
}

function compileDomain(domain: Domain, place: Place, into: Compilation): SpaceNode {
  const { path, stream, name, when } = place;
  const condition = when === undefined ? {} : { when };
  if (domain.kind === 'sampleFrom' || domain.kind === 'expr') {
    const node: DerivedNode = { kind: 'derived', domain, path: path.join('/'), ...condition };
    into.derived.push(node);
    return leaf(node, place, into);
  }
  if (into.names.has(name)) {
    const hint = 'Use nesting in place of keys that contain "/" or "[".';
    throw new AttuneError('SPACE_INVALID', `${where(place)}: expected parameters of different names, got "${name}" twice.`, { hint });
  }
  into.names.add(name);
  const index = into.parameters.length;
  if (!('options' in domain)) {
    into.parameters.push({ path: path.join('/'), name, domain, kind: 'numeric', range: rangeOf(domain), ...condition });
    return leaf({ kind: 'numeric', index, domain, stream }, place, into);
  }
  const cardinality = domain.options.length;
  into.parameters.push({
    path: path.join('/'),
    name,
    domain,
    kind: 'categorical',
    range: { lower: 0, upper: cardinality - 1, step: 1, log: false, cardinality },
    ...condition,
  });
  const options = domain.options.map((option, i) => {
    return compileNode(option, { ...place, stream: [...stream, i], name: `${name}[${i}]`, when: { parameter: index, option: i } }, into);
  });
  return { kind: 'options', index, domain, options, stream, place: path };
}

function leaf<N extends SpaceNode>(node: N, { path, when }: Place, { leaves }: Compilation): N {
  const name = path.join('.');
  const standing = leaves.get(name) ?? [];
  standing.push({ node, ...(when && { when }) });
  leaves.set(name, standing);
  return node;
}

/** Every name of an expression is a value of the space that is there when it is needed, and no expression waits for itself. */
function checkExpressions({ derived, leaves, parameters }: Compilation): void {
  for (const node of derived) {
    if (node.domain.kind !== 'expr') continue;
    const { text, names } = node.domain.expression;
    const unknown = names.find((name) => !leaves.has(name));
    if (unknown !== undefined) {
      const meant = nearest(
        unknown,
        [...leaves.keys()].filter((name) => name !== node.path.replaceAll('/', '.')),
      );
      const hint = meant === undefined ? 'The space has no other parameter.' : `Did you mean "${meant}"?`;
      throw new AttuneError('EXPRESSION_INVALID', `paramSpace/${node.path}: expected names of parameters in expr "${text}", got "${unknown}".`, { hint });
    }
    checkCycle(node, [], leaves, parameters);
    checkPresence(node, node.domain.expression, leaves, parameters);
  }
}

type Leaves = ReadonlyMap<string, readonly Leaf[]>;

/** Each name is there whenever the expression is, or the expression gives a number without it. */
function checkPresence(node: DerivedNode, expression: Expression, leaves: Leaves, parameters: readonly Parameter[]): void {
  for (const name of expression.names) {
    const own = leaves.get(name) ?? [];
    for (const options of absences(own, conditionsOf(node, parameters), parameters)) {
      if (!needs(expression, name, leaves, options, parameters)) continue;
      const places = new Set(own.flatMap(({ when }) => (when ? [`${parameters[when.parameter]?.name}[${when.option}]`] : [])));
      const hint = `Move the expr into the option, or guard the name with a comparison: ${name} >= 0 ? ${name} : 0.`;
      const problem = `expected expr "${expression.text}" to stand where its names do, got "${name}", which exists only in ${[...places].join(' and ')}`;
      throw new AttuneError('EXPRESSION_INVALID', `paramSpace/${node.path}: ${problem}.`, { hint });
    }
  }
}

type Options = ReadonlyMap<number, number>;

/** The combinations of options, on top of those `given`, that leave out every one of `leaves`. */
function* absences(leaves: readonly Leaf[], given: Options, parameters: readonly Parameter[]): Generator<Options> {
  const open = leaves.map((leaf) => [...conditionsOf(leaf, parameters)]).filter((conditions) => conditions.every(([p, o]) => (given.get(p) ?? o) === o));
  const missing = open.map((conditions) => conditions.filter(([parameter]) => !given.has(parameter)));
  if (missing.some((conditions) => conditions.length === 0)) return;
  const outermost = missing[0]?.at(-1);
  if (outermost === undefined) return yield given;
  const [parameter] = outermost;
  const { cardinality = 0 } = parameters[parameter]?.range ?? {};
  for (let option = 0; option < cardinality; option++) yield* absences(leaves, new Map([...given, [parameter, option]]), parameters);
}

const PROBES = 8;

/** Whether the expression gives no number without `absent`, and would with it; tried with values that the other names may have. */
function needs(expression: Expression, absent: string, leaves: Leaves, options: Options, parameters: readonly Parameter[]): boolean {
  const value = (name: string, probe: number): unknown => {
    const node = leaves.get(name)?.find((leaf) => [...conditionsOf(leaf, parameters)].every(([p, o]) => options.get(p) === o))?.node;
    if (node?.kind === 'constant') return node.value;
    return node?.kind === 'numeric' ? draw(node.domain, rng(0).fork(name, probe)) : 1;
  };
  const isNumber = (probe: number, without: boolean): boolean => {
    const result = expression.evaluate((asked) => {
      const name = asked.replaceAll('/', '.');
      return without && name === absent ? undefined : value(name, probe);
    });
    return !Number.isNaN(Number(result));
  };
  return Array.from({ length: PROBES }, (_, probe) => probe).some((probe) => !isNumber(probe, true) && isNumber(probe, false));
}

function checkCycle(node: DerivedNode, chain: readonly DerivedNode[], leaves: Leaves, parameters: readonly Parameter[]): void {
  if (node.domain.kind !== 'expr') return;
  if (chain.includes(node)) {
    const names = [...chain.slice(chain.indexOf(node)), node].map(({ path }) => path);
    throw new AttuneError('EXPRESSION_INVALID', `paramSpace/${node.path}: expected an expr that can be computed, got a circle: ${names.join(' needs ')}.`, {
      hint: 'Break the circle.',
    });
  }
  for (const { node: needed } of node.domain.expression.names.flatMap((name) => leaves.get(name) ?? [])) {
    if (needed.kind === 'derived' && mayMeet(node, needed, parameters)) checkCycle(needed, [...chain, node], leaves, parameters);
  }
}

/** Whether two values can stand in one configuration: they are not in different options of one choice. */
function mayMeet(a: DerivedNode, b: DerivedNode, parameters: readonly Parameter[]): boolean {
  const needs = conditionsOf(a, parameters);
  return [...conditionsOf(b, parameters)].every(([parameter, option]) => (needs.get(parameter) ?? option) === option);
}

function conditionsOf({ when }: { readonly when?: Condition }, parameters: readonly Parameter[]): Map<number, number> {
  const found = new Map<number, number>();
  for (let next = when; next !== undefined; next = parameters[next.parameter]?.when) found.set(next.parameter, next.option);
  return found;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * A space as JSON: domains are objects with a `$domain`; a `sampleFrom` leaves a marker with its path. `spaceFromJson` reads it.
 *
 * @example
 * import { compileSpace, spaceToJson, uniform } from 'attune';
 *
 * spaceToJson(compileSpace({ x: uniform(0, 1) })); // => { x: { '$domain': 'uniform', lower: 0, upper: 1 } }
 */
export function spaceToJson(space: Space): Json {
  return nodeToJson(space.root);
}

/** One part of a space, as `spaceToJson` writes it. */
export function nodeToJson(node: SpaceNode): Json {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'object':
      return Object.fromEntries([...node.entries].map(([key, child]) => [escapeKey(key), nodeToJson(child)]));
    case 'array':
      return node.items.map(nodeToJson);
    case 'options':
      return { [TAG]: node.domain.kind, options: node.options.map(nodeToJson) };
    case 'derived':
      return node.domain.kind === 'expr' ? { [TAG]: 'expr', text: node.domain.expression.text } : { [TAG]: 'sampleFrom', path: node.path };
    case 'numeric': {
      const { domain } = node;
      return { [TAG]: domain.kind, ...Object.fromEntries(fieldsOf(domain.kind).map((field) => [field, domain[field as never] as number])) };
    }
  }
}
