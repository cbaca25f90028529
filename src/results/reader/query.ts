import { AttuneError } from '../../base/errors.ts';
import { oneLine } from '../../base/one-line.ts';
import { QueryText, type Scalar } from './query-text.ts';

export type Comparison = '==' | '!=' | '<=' | '>=' | '<' | '>';

/** A query as a tree. `all` and `any` have two parts or more, but for the empty query, which is `all` of none and holds for every run. */
export type Query =
  | { readonly kind: 'compare'; readonly field: string; readonly by: Comparison; readonly value: Scalar; readonly at: number }
  | { readonly kind: 'in'; readonly field: string; readonly values: readonly Scalar[]; readonly at: number }
  | { readonly kind: 'not'; readonly of: Query }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Query[] };

/** Fields that a query may name begin like this. */
const SEARCHABLE = ['config.', 'info.'];

export const isSearchable = (field: string): boolean => SEARCHABLE.some((prefix) => field.startsWith(prefix));

/** Nobody writes deeper ones by hand; those that a program makes must not end the stack. */
const DEEPEST = 200;

/**
 * The tree of a query. From loosest to tightest: `|`, `&`, `~`, then comparisons and `in`, whose left side is a field and whose right side is
 * a literal. `at` is where a field begins, counted from 0. Cost: one pass.
 *
 * @throws {AttuneError} `QUERY_INVALID`, with the column (from 1) and what was expected there
 */
export function parseQuery(query: string): Query {
  const text = new QueryText(query);
  if (text.isAtEnd()) return { kind: 'all', of: [] };
  const tree = anyOf(text, 0);
  if (!text.isAtEnd()) throw text.expected('`&`, `|` or the end');
  return tree;
}

const anyOf = (text: QueryText, depth: number): Query => chain(text, '|', 'any', () => allOf(text, depth));
const allOf = (text: QueryText, depth: number): Query => chain(text, '&', 'all', () => term(text, depth));

function chain(text: QueryText, operator: string, kind: 'all' | 'any', part: () => Query): Query {
  const first = part();
  const of = [first];
  while (text.takes(operator)) of.push(part());
  return of.length === 1 ? first : { kind, of };
}

function term(text: QueryText, depth: number): Query {
  if (depth > DEEPEST) throw text.expected(`at most ${DEEPEST} parentheses and \`~\` in one another`);
  if (text.takes('~')) return { kind: 'not', of: term(text, depth + 1) };
  text.skipSpace();
  const opened = text.at;
  if (!text.takes('(')) return comparison(text);
  const inner = anyOf(text, depth + 1);
  if (!text.takes(')')) throw text.expected(`\`)\` for the \`(\` in column ${opened + 1}`);
  return inner;
}

const COMPARISONS: readonly Comparison[] = ['==', '!=', '<=', '>=', '<', '>'];

function comparison(text: QueryText): Query {
  text.skipSpace();
  const { at } = text;
  const field = text.field();
  const hint = isCutOff(text) ? BACK_QUOTES : undefined;
  if (!isSearchable(field)) throw unsearchable(field, at, hint);
  if (text.takesWord('in')) return { kind: 'in', field, values: list(text), at };
  const by = COMPARISONS.find((operator) => text.takes(operator));
  if (by === undefined) throw text.expected(`${COMPARISONS.map((operator) => `\`${operator}\``).join(', ')} or \`in\` after ${oneLine(field, 60)}`, hint);
  return { kind: 'compare', field, by, value: text.scalar(), at };
}

function list(text: QueryText): readonly Scalar[] {
  text.skipSpace();
  const opened = text.at;
  if (!text.takes('[')) throw text.expected('a list such as `[1, 2]` after `in`');
  const values: Scalar[] = [];
  while (!text.takes(']')) {
    values.push(text.scalar());
    if (text.takes(',')) continue;
    if (text.takes(']')) return values;
    throw text.expected(`\`,\` or \`]\` for the \`[\` in column ${opened + 1}`);
  }
  return values;
}

const BACK_QUOTES = 'A name with other characters than letters, digits, `_` and `.` stands in back quotes: `config.my-key`.';
/** A name that goes on with a character that plain names do not have. */
const isCutOff = ({ text, at }: QueryText): boolean => /[^\s\w=!<>&|~()[\]'"]/.test(text[at] ?? ' ');

const unsearchable = (field: string, at: number, hint?: string): AttuneError =>
  new AttuneError('QUERY_INVALID', `query, column ${at + 1}: expected a field that begins with "config." or "info.", got "${oneLine(field, 60)}".`, {
    hint: hint ?? 'reader.searchable() has the fields for a query; by metrics a frame is filtered with a function: reader.filter().filter((row) => …).',
  });

/** The text of a query whose tree is this one. */
export function printQuery(query: Query): string {
  switch (query.kind) {
    case 'compare':
      return `${printField(query.field)} ${query.by} ${printScalar(query.value)}`;
    case 'in':
      return `${printField(query.field)} in [${query.values.map(printScalar).join(', ')}]`;
    case 'not':
      return `~ ${inParentheses(query.of, query.of.kind === 'all' || query.of.kind === 'any')}`;
    case 'all':
      return query.of.map((part) => inParentheses(part, part.kind === 'all' || part.kind === 'any')).join(' & ');
    case 'any':
      return query.of.map((part) => inParentheses(part, part.kind === 'any')).join(' | ');
  }
}

const inParentheses = (query: Query, isNeeded: boolean): string => (isNeeded ? `(${printQuery(query)})` : printQuery(query));

const printField = (field: string): string => (/^\w+(\.\w+)*$/.test(field) ? field : `\`${field.replace(/[\\`]/g, '\\$&')}\``);

function printScalar(value: Scalar): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : value > 0 ? '1e999' : '-1e999';
  const escaped = value.replace(/[\\']/g, '\\$&').replace(/[\0-\x1f\x7f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `'${escaped}'`;
}
