/** Nobody compares longer names by eye, and a name of a million characters must not hold anybody up. */
const COMPARED = 200;

/** Levenshtein distance of the first 200 characters; O(|a| |b|). */
export function editDistance(a: string, b: string): number {
  return distance(a.slice(0, COMPARED), b.slice(0, COMPARED));
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The one of `names` spelt most like `name`, case aside; the first of equals, `undefined` of none. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const far = (candidate: string): number => editDistance(candidate.toLowerCase(), name.toLowerCase());
  return names.reduce<string | undefined>((best, candidate) => (best === undefined || far(candidate) < far(best) ? candidate : best), undefined);
}
