import { createRequire } from 'node:module';

/** The file that the package's name stands for. @throws {Error} when it is not installed */
export const resolvePackage = (id: string): string => createRequire(import.meta.url).resolve(id); // not at once: a bundle may have no URL

export function isInstalled(id: string): boolean {
  try {
    resolvePackage(id);
    return true;
  } catch {
    return false;
  }
}

/** The tfjs packages are CommonJS: what they export is the default export of the namespace. */
export async function loadPackage<T>(id: string): Promise<T> {
  const module = (await import(id)) as { readonly default?: T };
  return module.default ?? (module as T);
}
