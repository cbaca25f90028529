import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
import type { TrainableRef } from './trainable-ref.ts';

/** Whether this is a function or a class trainable. @throws {AttuneError} `TRAINABLE_INVALID` when it is neither */
export function formOf(where: string, implementation: unknown): TrainableRef['form'] {
  if (typeof implementation !== 'function') {
    throw new AttuneError('TRAINABLE_INVALID', `${where}: expected a function or a class, got ${describe(implementation)}.`);
  }
  const prototype: unknown = implementation.prototype;
  const has = (method: string): boolean => typeof (prototype as Record<string, unknown> | undefined)?.[method] === 'function';
  // A second copy of the package has its own Trainable, so not `instanceof`.
  const methods = ['setup', 'step', 'save', 'restore'];
  const missing = methods.filter((method) => !has(method));
  if (missing.length === 0) return 'class';
  if (!/^class\b/.test(Function.prototype.toString.call(implementation))) return 'function';
  throw new AttuneError(
    'TRAINABLE_INVALID',
    `${where}: expected a class with ${methods.join(', ')}, got ${implementation.name || 'one'} without ${missing.join(', ')}.`,
  );
}

/** The name that a function or class has by itself, if any. */
export function ownName(implementation: { readonly name: string }): string | undefined {
  return implementation.name === '' || implementation.name === 'default' ? undefined : implementation.name;
}
