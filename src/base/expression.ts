import { createRequire } from 'node:module';
import type { MathNode } from 'mathjs';
import { AttuneError } from './errors.ts';

/** A formula over named values, checked and compiled; evaluating it runs no code but ours. */
export interface Expression {
  readonly text: string;
  /** The names that it uses, with dots: `eval.loss`. */
  readonly names: readonly string[];
  /**
   * The value for these names; `scope` is asked with slashes (`eval/loss`). A comparison with a missing, null or NaN
   * operand is false, and arithmetic with one is NaN. Comparisons are exact: no tolerance.
   */
  evaluate(scope: Scope): number | boolean;
}

/** The value of a name: a number, a boolean, or anything else for "missing". */
export type Scope = (name: string) => unknown;

type Term = (scope: Scope) => number | boolean;

/** By its mathjs name: what it computes, and how many arguments it takes. */
const FUNCTIONS: Readonly<Record<string, { readonly compute: (...x: number[]) => number; readonly least: number; readonly most: number }>> = {
  abs: { compute: Math.abs, least: 1, most: 1 },
  ceil: { compute: Math.ceil, least: 1, most: 1 },
  cos: { compute: Math.cos, least: 1, most: 1 },
  exp: { compute: Math.exp, least: 1, most: 1 },
  floor: { compute: Math.floor, least: 1, most: 1 },
  log: { compute: (x, base) => (base === undefined ? Math.log(x as number) : Math.log(x as number) / Math.log(base)), least: 1, most: 2 },
  log10: { compute: Math.log10, least: 1, most: 1 },
  log2: { compute: Math.log2, least: 1, most: 1 },
  max: { compute: Math.max, least: 1, most: Infinity },
  min: { compute: Math.min, least: 1, most: Infinity },
  pow: { compute: Math.pow, least: 2, most: 2 },
  round: { compute: (x, digits = 0) => roundTo(x as number, digits), least: 1, most: 2 },
  sign: { compute: Math.sign, least: 1, most: 1 },
  sin: { compute: Math.sin, least: 1, most: 1 },
  sqrt: { compute: Math.sqrt, least: 1, most: 1 },
  tan: { compute: Math.tan, least: 1, most: 1 },
  tanh: { compute: Math.tanh, least: 1, most: 1 },
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  mod: (a, b) => a - b * Math.floor(a / b),
  pow: (a, b) => a ** b,
};

const COMPARISON: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  smaller: (a, b) => a < b,
  smallerEq: (a, b) => a <= b,
  larger: (a, b) => a > b,
  largerEq: (a, b) => a >= b,
  equal: (a, b) => a === b,
  unequal: (a, b) => a !== b,
};

/** What the parser makes of text: only the parts that the allow-list reads. */
interface Node extends MathNode {
  readonly name?: string;
  readonly value?: unknown;
  readonly fn?: string | Node;
  readonly op?: string;
  readonly args?: readonly Node[];
  readonly params?: readonly Node[];
  readonly conditionals?: readonly string[];
  readonly content?: Node;
  readonly condition?: Node;
  readonly trueExpr?: Node;
  readonly falseExpr?: Node;
  readonly object?: Node;
  readonly index?: { readonly dotNotation?: boolean; readonly dimensions: readonly { readonly value: unknown }[] };
  readonly implicit?: boolean;
  readonly isPercentage?: boolean;
  readonly optionalChaining?: boolean;
}

let parser: ((text: string) => Node) | undefined;

/** mathjs parses, and does nothing else; it is loaded by the first expression. The number-only build loads in half the time. */
function parse(text: string): Node {
  parser ??= (createRequire(import.meta.url)('mathjs/number') as { parse: (text: string) => Node }).parse;
  return parser(text);
}

/**
 * Reads a formula: arithmetic (`+ - * / % ^`), comparisons, `and or not`, `? :`, numbers, true, false, names with dots,
 * and the functions abs ceil cos exp floor log log10 log2 max min pow round sign sin sqrt tan tanh.
 * @throws {AttuneError} `EXPRESSION_INVALID` on anything else, naming it
 */
export function compileExpression(text: string): Expression {
  if (typeof text !== 'string' || text.trim() === '')
    throw new AttuneError('EXPRESSION_INVALID', `expression: expected a formula, got ${typeof text === 'string' ? 'an empty string' : typeof text}.`);
  const names = new Set<string>();
  const term = compile(parsed(text), { text, names });
  return Object.freeze({ text, names: [...names], evaluate: term });
}

function parsed(text: string): Node {
  try {
    return parse(text);
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'MODULE_NOT_FOUND') throw cause;
    const hint = /&&|\|\||!/.test(text) ? 'Write and, or, not (and != for "not equal").' : undefined;
    throw new AttuneError(
      'EXPRESSION_INVALID',
      `expression "${text}": expected a formula, got ${(cause as Error).message}.`,
      hint === undefined ? { cause } : { hint, cause },
    );
  }
}

interface Context {
  readonly text: string;
  readonly names: Set<string>;
}

function refuse(context: Context, part: string, hint?: string): never {
  const problem = `expression "${context.text}": expected arithmetic, comparisons, names and the listed functions, got ${part}.`;
  throw new AttuneError('EXPRESSION_INVALID', problem, hint === undefined ? {} : { hint });
}

/** The allow-list: a node that has no case here is refused. */
function compile(node: Node, context: Context): Term {
  switch (node.type) {
    case 'ParenthesisNode':
      return compile(node.content as Node, context);
    case 'ConstantNode':
      return compileConstant(node.value, context);
    case 'SymbolNode':
    case 'AccessorNode':
      return compileName(node, context);
    case 'OperatorNode':
      return compileOperator(node, context);
    case 'RelationalNode':
      return compileChain(node, context);
    case 'FunctionNode':
      return compileCall(node, context);
    case 'ConditionalNode': {
      const [condition, yes, no] = [node.condition, node.trueExpr, node.falseExpr].map((part) => compile(part as Node, context)) as [Term, Term, Term];
      return (scope) => (truth(condition(scope)) ? yes(scope) : no(scope));
    }
    case 'AssignmentNode':
    case 'FunctionAssignmentNode':
      return refuse(context, `the assignment "${node.toString()}"`, 'Write == to compare.');
    default:
      return refuse(context, `${UNSUPPORTED[node.type] ?? node.type} "${node.toString()}"`);
  }
}

const UNSUPPORTED: Readonly<Record<string, string>> = {
  ArrayNode: 'the array',
  ObjectNode: 'the object',
  RangeNode: 'the range',
  BlockNode: 'several statements',
  IndexNode: 'the index',
};

function compileConstant(value: unknown, context: Context): Term {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return () => value;
  return refuse(context, typeof value === 'string' ? `the string "${value}"` : String(value));
}

function compileName(node: Node, context: Context): Term {
  const parts = nameParts(node, context);
  const path = parts.join('/');
  context.names.add(parts.join('.'));
  return (scope) => {
    const value = scope(path);
    return typeof value === 'number' || typeof value === 'boolean' ? value : NaN;
  };
}

function nameParts(node: Node, context: Context): string[] {
  if (node.type === 'SymbolNode') return [node.name as string];
  const key = node.index?.dimensions[0]?.value;
  if (node.type !== 'AccessorNode' || node.index?.dotNotation !== true || node.optionalChaining === true || typeof key !== 'string') {
    return refuse(context, `the index "${node.toString()}"`, 'Name nested values with dots: eval.loss.');
  }
  return [...nameParts(node.object as Node, context), key];
}

function compileOperator(node: Node, context: Context): Term {
  const name = String(node.fn);
  if (node.implicit === true)
    return refuse(context, `"${node.toString()}" without an operator between its parts`, 'Write the multiplication sign: 2 * x. There are no units.');
  if (node.isPercentage === true) return refuse(context, `the percentage "${node.toString()}"`, 'Write the number: 0.05.');
  const args = (node.args ?? []).map((part) => compile(part, context));
  const [a, b] = args as [Term, Term];
  if (name === 'and') return (scope) => truth(a(scope)) && truth(b(scope));
  if (name === 'or') return (scope) => truth(a(scope)) || truth(b(scope));
  if (name === 'not') return (scope) => !truth(a(scope));
  if (name === 'unaryMinus') return (scope) => -Number(a(scope));
  if (name === 'unaryPlus') return (scope) => Number(a(scope));
  const arithmetic = own(ARITHMETIC, name);
  if (arithmetic) return (scope) => arithmetic(Number(a(scope)), Number(b(scope)));
  const comparison = own(COMPARISON, name);
  if (comparison) return (scope) => compare(comparison, a(scope), b(scope));
  return refuse(context, `the operator "${node.op ?? name}"`);
}

/** `1 < x < 3`: every neighbouring pair. */
function compileChain(node: Node, context: Context): Term {
  const terms = (node.params ?? []).map((part) => compile(part, context));
  const comparisons = (node.conditionals ?? []).map((name) => own(COMPARISON, name) ?? refuse(context, `the comparison "${name}"`));
  return (scope) => {
    const values = terms.map((term) => term(scope));
    return comparisons.every((comparison, i) => compare(comparison, values[i] as number | boolean, values[i + 1] as number | boolean));
  };
}

function compileCall(node: Node, context: Context): Term {
  const callee = node.fn as Node;
  const name = callee.type === 'SymbolNode' ? (callee.name as string) : callee.toString();
  const known = callee.type === 'SymbolNode' ? own(FUNCTIONS, name) : undefined;
  if (known === undefined) return refuse(context, `the function ${name}()`, `The functions are ${Object.keys(FUNCTIONS).join(', ')}.`);
  const args = (node.args ?? []).map((part) => compile(part, context));
  if (args.length < known.least || args.length > known.most) return refuse(context, `${name}() with ${args.length} argument${args.length === 1 ? '' : 's'}`);
  return (scope) => known.compute(...args.map((arg) => Number(arg(scope))));
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined => (Object.hasOwn(table, name) ? table[name] : undefined);

const truth = (value: number | boolean): boolean => (typeof value === 'boolean' ? value : value !== 0 && !Number.isNaN(value));

function compare(comparison: (a: number, b: number) => boolean, left: number | boolean, right: number | boolean): boolean {
  const [a, b] = [Number(left), Number(right)];
  return !Number.isNaN(a) && !Number.isNaN(b) && comparison(a, b);
}

/** Halves away from zero, as mathjs has it. */
function roundTo(x: number, digits: number): number {
  const scale = 10 ** digits;
  const rounded = (Math.sign(x) * Math.round(Math.abs(x) * scale)) / scale;
  return Number.isFinite(rounded) || !Number.isFinite(x) ? rounded : x;
}
