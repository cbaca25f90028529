/** What the package exports, with its docstrings, read from the sources without a type checker: an entry point only lists names and their files. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

export interface Docs {
  /** Markdown; empty when there is no docstring. */
  readonly text: string;
  /** All but the examples, in order: `@param`, `@returns`, `@throws`, `@see`, `@remarks`. */
  readonly tags: readonly { readonly name: string; readonly of?: string; readonly text: string }[];
  /** Code. */
  readonly examples: readonly string[];
}

export interface Member {
  readonly name: string;
  readonly isStatic: boolean;
  /** Without body; one for each overload. */
  readonly signatures: readonly string[];
  readonly docs: Docs;
}

export type Kind = 'class' | 'function' | 'const' | 'interface' | 'type';

export interface Export {
  readonly name: string;
  readonly kind: Kind;
  readonly file: string;
  readonly signatures: readonly string[];
  readonly docs: Docs;
  /** Of a class: those that are public and not `@internal`, in the order of the source. */
  readonly members: readonly Member[];
  /** Where it is declared, as `file#name`. */
  readonly place: string;
  /** The places of all types that the signatures name. */
  readonly uses: readonly string[];
}

export interface Entry {
  /** As one imports it: `attune/algorithms`. */
  readonly name: string;
  readonly exports: readonly Export[];
  /** Types that their signatures name, which cannot be imported by name; not those that these name in turn. */
  readonly behind: readonly Export[];
}

/** @param root - the folder of package.json; its `exports` say where the types of an entry point are, and so where its source is */
export function readApi(root = '.'): readonly Entry[] {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  const sources = new Map<string, ts.SourceFile>();
  const parse = (file: string): ts.SourceFile => {
    const source = sources.get(file) ?? ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ES2022, true);
    sources.set(file, source);
    return source;
  };
  const read = Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === 'string') return [];
    const source = parse(target.types.replace('./dist/types/', '').replace(/\.d\.ts$/, '.ts'));
    return [{ name: path === '.' ? name : `${name}${path.slice(1)}`, exports: listedIn(source).map((listed) => exportOf(listed, parse)) }];
  });
  const exported = new Set(read.flatMap(({ exports }) => exports.map(({ place }) => place)));
  return read.map((entry) => {
    const used = new Set(entry.exports.flatMap(({ uses }) => uses.filter((place) => !exported.has(place))));
    const behind = [...used].map(placeFrom).filter((place) => declarationsAt(place, parse).some((one) => !ts.isClassDeclaration(one)));
    return { ...entry, behind: behind.map((place) => readExport(place.name, place, parse)) };
  });
}

type Parse = (file: string) => ts.SourceFile;

/** A name in a file. */
interface Place {
  readonly file: string;
  readonly name: string;
}

/** A name, where it is from, and whether it is exported as a type only. */
type Listed = readonly [name: string, from: Place, isType: boolean];

/** What the `export { … }` of a file list. */
function listedIn(source: ts.SourceFile): readonly Listed[] {
  return source.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier, exportClause } = statement;
    if (!exportClause || !ts.isNamedExports(exportClause)) throw new Error(`${source.fileName}: expected names to be exported, got ${statement.getText()}`);
    return exportClause.elements.map(({ name, propertyName = name, isTypeOnly }) => {
      const place = moduleSpecifier ? { file: fileOf(moduleSpecifier, source), name: propertyName.text } : placeOf(propertyName.text, source);
      return [name.text, place, statement.isTypeOnly || isTypeOnly] as const;
    });
  });
}

const fileOf = (specifier: ts.Expression, source: ts.SourceFile): string => join(dirname(source.fileName), (specifier as ts.StringLiteral).text);

/** What a name in a file means: what an import says, or else the file's own. */
function placeOf(name: string, source: ts.SourceFile): Place {
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !statement.moduleSpecifier.getText().startsWith("'.")) continue;
    const { namedBindings } = statement.importClause ?? {};
    const imported = namedBindings && ts.isNamedImports(namedBindings) ? namedBindings.elements.find((one) => one.name.text === name) : undefined;
    if (imported) return { file: fileOf(statement.moduleSpecifier, source), name: (imported.propertyName ?? imported.name).text };
  }
  return { file: source.fileName, name };
}

const textOf = ({ file, name }: Place): string => `${file}#${name}`;

const placeFrom = (text: string): Place => ({ file: text.split('#')[0] ?? '', name: text.split('#')[1] ?? '' });

/** Through the files that only hand a name on. */
function declaredAt({ file, name }: Place, parse: Parse): Place {
  const handedOn = listedIn(parse(file)).find(([as]) => as === name);
  return handedOn ? declaredAt(handedOn[1], parse) : { file, name };
}

type Declaration = ts.ClassDeclaration | ts.FunctionDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.VariableDeclaration;

function declarationsAt({ file, name }: Place, parse: Parse): readonly Declaration[] {
  return parse(file).statements.flatMap((statement): readonly Declaration[] => {
    const all = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement as Declaration];
    return all.filter((one) => one.name?.getText() === name);
  });
}

/** A class that is exported as a type only cannot be called. */
function exportOf([name, place, isType]: Listed, parse: Parse): Export {
  const one = readExport(name, place, parse);
  return isType && one.kind === 'class' ? { ...one, kind: 'type' } : one;
}

function readExport(name: string, listed: Place, parse: Parse): Export {
  const place = declaredAt(listed, parse);
  const shown = withoutImplementation(declarationsAt(place, parse));
  const [first] = shown;
  if (first === undefined) throw new Error(`${place.file}: expected a declaration of ${place.name}, got none.`);
  const source = first.getSourceFile();
  const nodes = ts.isClassDeclaration(first) ? [...(first.heritageClauses ?? []), ...(first.typeParameters ?? []), ...publicMembers(first)] : shown;
  return {
    name,
    ...{ file: place.file, place: textOf(place) },
    kind: kindOf(first),
    signatures: shown.map((one) => signatureOf(one)),
    docs: docsOf(ts.isVariableDeclaration(first) ? first.parent.parent : first),
    members: ts.isClassDeclaration(first) ? membersOf(first) : [],
    uses: [...new Set(nodes.flatMap(namesIn).map((used) => textOf(declaredAt(placeOf(used, source), parse))))],
  };
}

function kindOf(node: Declaration): Kind {
  if (ts.isClassDeclaration(node)) return 'class';
  if (ts.isInterfaceDeclaration(node)) return 'interface';
  if (ts.isTypeAliasDeclaration(node)) return 'type';
  return ts.isFunctionDeclaration(node) || (node.initializer && ts.isArrowFunction(node.initializer)) ? 'function' : 'const';
}

/** Of overloads those that a caller sees. */
function withoutImplementation<T extends ts.Node>(declarations: readonly T[]): readonly T[] {
  const overloads = declarations.filter((one) => (one as { readonly body?: ts.Node }).body === undefined);
  return overloads.length > 0 ? overloads : declarations;
}

/** The source up to the body or the value. */
function signatureOf(node: ts.Node): string {
  const source = node.getSourceFile();
  const between = (end: number): string => dedent(source.text.slice(node.getStart(source, false), end), columnOf(node));
  if (ts.isClassDeclaration(node)) return bare(between(node.members.pos)).replace(/\s*\{$/, '');
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return withoutInternal(node, bare(between(node.end)));
  if (ts.isVariableDeclaration(node)) return variableSignature(node);
  if (ts.isFunctionLike(node)) return bare(between((node as ts.FunctionDeclaration).body?.getFullStart() ?? node.end)).replace(/;$/, '');
  return bare(between(node.end)).replace(/;$/, '');
}

function variableSignature({ name, type, initializer }: ts.VariableDeclaration): string {
  if (type) return `const ${name.getText()}: ${type.getText()}`;
  if (initializer && ts.isArrowFunction(initializer)) {
    const { typeParameters, parameters, type: result } = initializer;
    const generic = typeParameters ? `<${typeParameters.map((one) => one.getText()).join(', ')}>` : '';
    return `function ${name.getText()}${generic}(${parameters.map((one) => one.getText()).join(', ')}): ${result?.getText() ?? 'void'}`;
  }
  return `const ${name.getText()} = ${initializer?.getText()}`;
}

const bare = (text: string): string =>
  text
    .replace(/^export /, '')
    .replace(/^(async|declare) /, '')
    .trimEnd();

const columnOf = (node: ts.Node): number => node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).character;

const dedent = (text: string, columns: number): string => text.replaceAll(`\n${' '.repeat(columns)}`, '\n');

function withoutInternal(node: ts.InterfaceDeclaration | ts.TypeAliasDeclaration, text: string): string {
  const internal = ts.isInterfaceDeclaration(node) ? node.members.filter(isInternal) : [];
  return internal.reduce((rest, member) => rest.replace(member.getFullText(), ''), text);
}

const isInternal = (node: ts.Node): boolean => ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');

const HIDDEN = new Set([ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword]);

const publicMembers = (node: ts.ClassDeclaration): readonly ts.ClassElement[] =>
  node.members.filter((member) => {
    if (ts.isClassStaticBlockDeclaration(member) || ts.isSemicolonClassElement(member)) return false;
    const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
    return !isInternal(member) && !modifiers.some(({ kind }) => HIDDEN.has(kind)) && !(member.name && ts.isPrivateIdentifier(member.name));
  });

/** A getter with its setter, and the overloads of a method, are one member. */
function membersOf(node: ts.ClassDeclaration): readonly Member[] {
  const byName = new Map<string, ts.ClassElement[]>();
  for (const member of publicMembers(node)) {
    const isStatic = member.getText().startsWith('static ');
    const name = ts.isConstructorDeclaration(member) ? 'constructor' : (member.name?.getText() ?? '');
    byName.set(`${isStatic ? 'static ' : ''}${name}`, [...(byName.get(`${isStatic ? 'static ' : ''}${name}`) ?? []), member]);
  }
  return [...byName].map(([key, declarations]) => ({
    name: key.replace(/^static /, ''),
    isStatic: key.startsWith('static '),
    signatures: withoutImplementation(declarations).map((member) => signatureOf(member).replace(/^(static )?async /, '$1')),
    docs: docsOf(declarations[0] as ts.ClassElement),
  }));
}

/** The types that a declaration names, but not in the bodies of its functions. */
function namesIn(node: ts.Node): readonly string[] {
  if (ts.isBlock(node)) return [];
  const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
  const inside: string[] = name && ts.isIdentifier(name) ? [name.text] : [];
  const parts = ts.isArrowFunction(node) ? [...node.parameters, ...(node.type ? [node.type] : [])] : undefined;
  const visit = (part: ts.Node): void => void inside.push(...namesIn(part));
  if (parts) parts.forEach(visit);
  else ts.forEachChild(node, visit);
  return inside;
}

function docsOf(node: ts.Node): Docs {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  const words = (tag: ts.JSDoc | ts.JSDocTag): string => ts.getTextOfJSDocComment(tag.comment)?.trim() ?? '';
  const tags = comment?.tags ?? [];
  return {
    text: comment ? words(comment) : '',
    tags: tags
      .filter(({ tagName }) => tagName.text !== 'example')
      .map((tag) => ({
        name: tag.tagName.text,
        ...(ts.isJSDocParameterTag(tag) ? { of: tag.name.getText() } : {}),
        text: (tag.tagName.text === 'see' ? withoutStars(tag) : words(tag)).replace(/^- /, ''),
      })),
    examples: tags.filter(({ tagName }) => tagName.text === 'example').map((tag) => codeOf(words(tag))),
  };
}

/** Of `@see`, whose first word the compiler takes for a name. */
const withoutStars = (tag: ts.JSDocTag): string =>
  tag
    .getText()
    .replace(/^@\w+\s+/, '')
    .replaceAll(/\n\s*\*(?!\/) ?/g, '\n')
    .replace(/\s*\**\s*$/, '');

/** An example is code, fenced or not. */
const codeOf = (text: string): string => (/^```ts\n([\s\S]*?)\n```$/.exec(text)?.[1] ?? text).trimEnd();
