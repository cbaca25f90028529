import { nearest } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { Config } from './config.ts';
import { isObject, optionOf } from './fits.ts';
import type { Space, SpaceNode } from './space.ts';

/**
 * Every part of the space that may stand at a path of its configurations: several where the options of a choice have it.
 * @throws {AttuneError} `OPTION_UNKNOWN`, beginning with `where`, when there is none
 */
export function nodesAt(where: string, space: Space, path: readonly string[]): readonly SpaceNode[] {
  const nodes = below(space.root, path);
  if (nodes.length > 0) return nodes;
  const name = path.join('/');
  const paths = [...new Set(space.parameters.map((parameter) => parameter.path))];
  const meant = nearest(name, paths);
  throw new AttuneError(
    'OPTION_UNKNOWN',
    `${where}: expected keys of the space${paths.length > 0 ? ` (${paths.join(', ')})` : ''}, got "${name}".`,
    meant === undefined ? { hint: 'The space has no parameters.' } : { hint: `Did you mean "${meant}"?` },
  );
}

function below(node: SpaceNode, path: readonly string[]): readonly SpaceNode[] {
  const [key, ...rest] = path;
  if (key === undefined) return [node];
  if (node.kind === 'options') return node.options.flatMap((option) => below(option, path));
  const child = node.kind === 'object' ? node.entries.get(key) : node.kind === 'array' ? node.items[Number(key)] : undefined;
  return child === undefined ? [] : below(child, rest);
}

/** Where a configuration has a value: `holder[key]`. */
export interface Place {
  readonly holder: Record<string, Json>;
  readonly key: string;
  /** The part of the space that the value there comes from. */
  readonly node: SpaceNode;
}

/** Where a configuration has a parameter; `undefined` when it has chosen an option without it. */
export function placeOf(space: Space, config: Config, path: readonly string[]): Place | undefined {
  let node: SpaceNode | undefined = space.root;
  let value: Json | undefined = config;
  let found: Place | undefined;
  for (const key of path) {
    while (node?.kind === 'options') node = node.options[optionOf(node, value, { partial: false })];
    if (node?.kind !== 'object' && node?.kind !== 'array') return undefined;
    if (!(isObject(value) || Array.isArray(value)) || !Object.hasOwn(value, key)) return undefined;
    const child: SpaceNode | undefined = node.kind === 'object' ? node.entries.get(key) : node.items[Number(key)];
    if (child === undefined) return undefined;
    found = { holder: value as Record<string, Json>, key, node: child };
    node = child;
    value = (value as Record<string, Json>)[key];
  }
  return found;
}
