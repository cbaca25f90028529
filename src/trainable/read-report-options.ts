import { AttuneError } from '../base/errors.ts';
import { checkOptions, describe } from '../base/options.ts';
import type { ReportOptions } from './trial-context.ts';

/**
 * What the second argument of a report says of its metrics.
 *
 * @param where - begins the message: `report`
 * @param allowed - the options that there are here
 * @returns `violation`: the sum of the positive constraints, when there are constraints
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` for a `checkpoint` that is no function, and `constraints` that are no numbers
 */
export function readReportOptions(
  where: string,
  options: ReportOptions,
  allowed: readonly (keyof ReportOptions)[] = ['checkpoint', 'constraints'],
): { readonly violation?: number } {
  checkOptions(where, options, allowed);
  const { checkpoint, constraints } = options;
  if (checkpoint !== undefined && typeof checkpoint !== 'function') {
    throw new AttuneError('OPTION_RANGE', `${where}: expected checkpoint to be a function, got ${describe(checkpoint)}.`, {
      hint: 'Write checkpoint: (dir) => saveModel(model, dir).',
    });
  }
  return constraints === undefined ? {} : { violation: violationOf(where, constraints) };
}

function violationOf(where: string, constraints: readonly number[]): number {
  if (!Array.isArray(constraints) || constraints.some((value) => typeof value !== 'number' || Number.isNaN(value))) {
    const got = Array.isArray(constraints) ? `[${constraints.map(describe).join(', ')}]` : describe(constraints);
    throw new AttuneError('OPTION_RANGE', `${where}: expected constraints to be numbers, got ${got}.`, { hint: 'Each is at most 0 when satisfied.' });
  }
  return constraints.reduce((sum, value) => sum + Math.max(0, value), 0);
}
