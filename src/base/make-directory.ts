import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** With its parents, one by one: on file systems that take no directories (such as /proc), Node's own recursive form never returns. */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was quicker
  }
}
