import { artifactColumn, type IndexedRun } from './run.ts';
import type { Watch } from './watched.ts';

/**
 * What is saved below `artifacts/<type>/`, by column. Nothing of it is read.
 *
 * @param layout - MLXP's directories are folders of artifacts, of which those that end with `_tmp` are being written; each of ours is one artifact
 */
export function artifactsIn(watch: Watch, path: string, layout: 'mlxp' | 'attune'): IndexedRun['artifacts'] {
  const artifacts: Record<string, string[]> = {};
  const walk = (type: string, folders: readonly string[]): void => {
    for (const { name, isDirectory } of watch.entries([path, type, ...folders].join('/'))) {
      if (name.startsWith('.') || (layout === 'mlxp' && name.endsWith('_tmp'))) continue;
      if (isDirectory && layout === 'mlxp') walk(type, [...folders, name]);
      else (artifacts[artifactColumn(type, folders)] ??= []).push([type, ...folders, name].join('/'));
    }
  };
  for (const { name, isDirectory } of watch.entries(path)) if (isDirectory && !name.startsWith('.')) walk(name, []);
  return artifacts;
}
