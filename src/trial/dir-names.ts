import { nameKey, portableName } from '../base/portable-name.ts';

/**
 * Gives each trial of an experiment a folder name of its own: the one that is wanted, made portable, and with the id of the trial (then
 * `-2`, `-3`, …) at its end when it is empty or taken, case ignored.
 *
 * @param taken - names that stand in the experiment directory already, or may never stand for a trial
 */
export function dirNames(taken: readonly string[]): (wanted: string, id: string) => string {
  const keys = new Set(taken.map(nameKey));
  const take = (name: string): boolean => {
    const key = nameKey(name);
    if (keys.has(key)) return false;
    keys.add(key);
    return true;
  };
  return (wanted, id) => {
    const plain = portableName(wanted);
    if (!/^\.*$/.test(wanted) && take(plain)) return plain;
    for (let attempt = 1; ; attempt++) {
      const name = portableName(wanted, attempt === 1 ? `_${id}` : `_${id}-${attempt}`);
      if (take(name)) return name;
    }
  };
}
