/** Writes docs/api: a page for each entry point of the package, from the docstrings. A test holds them to what this gives. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Docs, type Entry, type Export, type Kind, type Member, readApi } from './read-api.ts';
import { undocumented } from './undocumented.ts';

const FOLDER = 'docs/api';

const GROUPS: readonly (readonly [string, readonly Kind[]])[] = [
  ['Classes', ['class']],
  ['Functions', ['function']],
  ['Constants', ['const']],
  ['Types', ['interface', 'type']],
];

const fileOf = (entry: string): string => `${entry.split('/').at(-1)}.md`;

const headingOf = ({ kind, name }: Export): string => `${kind} ${name}`;

const anchorOf = (one: Export): string => headingOf(one).toLowerCase().replace(' ', '-');

const fence = (code: string): string => `\`\`\`ts\n${code}\n\`\`\``;

/** Outside of code a `<` would begin a tag. */
const prose = (text: string): string => text.replace(/(`+)[^`][\s\S]*?\1|</g, (found) => (found === '<' ? '&lt;' : found));

const inOneLine = (text: string): string => prose(text).replaceAll(/\s*\n\s*/g, ' ');

/** A page that is only named becomes a link. */
const linked = (text: string): string => text.replace(/^docs\/(\S+\.md)$/, '[$&](../$1)');

const LABELS: Readonly<Record<string, string>> = { returns: 'Returns', throws: 'Throws', see: 'See', remarks: 'Remarks' };

function docs({ text, tags, examples }: Docs): readonly string[] {
  const items = tags.map(({ name, of, text }) => `- ${of ? `\`${of}\`` : (LABELS[name] ?? name)}: ${linked(inOneLine(text))}`);
  return [prose(text), items.join('\n'), ...examples.map(fence)];
}

const paragraphs = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n\n');

function member(of: Export, { name, isStatic, signatures, docs: own }: Member): string {
  const title = name === 'constructor' ? `new ${of.name}` : `${of.name}${name.startsWith('[') ? '' : '.'}${name}`;
  return paragraphs([`#### ${title}${isStatic ? ' (static)' : ''}`, fence(signatures.join('\n')), ...docs(own)]);
}

/** Where each type is explained, by the place of its declaration; seen from one page. */
type Links = ReadonlyMap<string, string>;

/** What several entry points export is explained on the page of the first. */
const homeOf = (place: string, api: readonly Entry[]): Entry | undefined => api.find(({ exports }) => exports.some((one) => one.place === place));

function linksFrom(entry: Entry, api: readonly Entry[]): Links {
  const link = (one: Export, home: Entry): readonly [string, string] => [one.place, `[${one.name}](${linkTo(one, home, entry)})`];
  const exported = api.flatMap(({ exports }) => exports.map((one) => link(one, homeOf(one.place, api) ?? entry)));
  return new Map([...entry.behind.map((one) => link(one, entry)), ...exported]);
}

const linkTo = (one: Export, home: Entry | undefined, from: Entry): string => `${home && home !== from ? fileOf(home.name) : ''}#${anchorOf(one)}`;

function section(one: Export, links: Links): string {
  const named = one.uses.filter((place) => place !== one.place).flatMap((place) => links.get(place) ?? []);
  const source = `[${one.file}](../../${one.file})`;
  return paragraphs([
    `### ${headingOf(one)}`,
    fence(one.signatures.join('\n')),
    ...docs(one.docs),
    [named.length > 0 ? `Types: ${named.join(', ')}.` : '', `Source: ${source}.`].join(' ').trim(),
    ...one.members.map((part) => member(one, part)),
  ]);
}

const byName = (a: Export, b: Export): number => (a.name < b.name ? -1 : 1);

function page(entry: Entry, api: readonly Entry[]): string {
  const links = linksFrom(entry, api);
  const groups = GROUPS.map(([title, kinds]) => [title, entry.exports.filter(({ kind }) => kinds.includes(kind)).sort(byName)] as const);
  const contents = groups.map(([title, all]) => {
    const names = all.map((one) => `[${one.name}](${linkTo(one, homeOf(one.place, api), entry)})`);
    return names.length > 0 ? `**${title}**: ${names.join(', ')}` : '';
  });
  const own = groups.map(([title, all]) => [title, all.filter(({ place }) => homeOf(place, api) === entry)] as const);
  const behind = [...entry.behind].sort(byName);
  return `${paragraphs([
    `# ${entry.name}`,
    `From the docstrings, by \`npm run docs:api\`. ${api.map(({ name }) => (name === entry.name ? name : `[${name}](${fileOf(name)})`)).join(' · ')} · [guide](../guide.md)`,
    ...contents,
    ...own.flatMap(([title, all]) => (all.length > 0 ? [`## ${title}`, ...all.map((one) => section(one, links))] : [])),
    ...(behind.length > 0 ? ['## Not exported by name', 'What the types above are made of.', ...behind.map((one) => section(one, links))] : []),
  ])}\n`;
}

/** The pages as they have to be, by file. */
export const apiPages = (api: readonly Entry[]): Readonly<Record<string, string>> =>
  Object.fromEntries(api.map((entry) => [join(FOLDER, fileOf(entry.name)), page(entry, api)]));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(FOLDER, { recursive: true });
  const api = readApi();
  for (const [file, text] of Object.entries(apiPages(api))) writeFileSync(file, text);
  const lacks = undocumented(api);
  if (lacks.length > 0) console.table(lacks);
}
