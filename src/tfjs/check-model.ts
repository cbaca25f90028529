import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';

/**
 * Refuses what is no model, before anything is done with it.
 *
 * @throws {AttuneError} `OPTION_RANGE` unless `holds`
 */
export function checkModel(where: string, model: unknown, holds: (model: Readonly<Record<string, unknown>>) => boolean): void {
  if (typeof model === 'object' && model !== null && holds(model as Readonly<Record<string, unknown>>)) return;
  throw new AttuneError('OPTION_RANGE', `${where}: expected model to be a tf.LayersModel, got ${describe(model)}.`);
}

/** It can be saved. */
export const hasSave = ({ save }: Readonly<Record<string, unknown>>): boolean => typeof save === 'function';
