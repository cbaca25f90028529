/** A field of numbers, row by row from the top left of the unit square. */
export interface Field {
  readonly columns: number;
  readonly rows: number;
  readonly values: readonly number[];
}

/** What a function is at evenly spaced points of the unit square, edges included; `y` goes up. */
export function fieldOf(evaluate: (x: number, y: number) => number, columns: number, rows: number): Field {
  const values = Array.from({ length: columns * rows }, (_, i) => evaluate((i % columns) / (columns - 1), 1 - Math.floor(i / columns) / (rows - 1)));
  return { columns, rows, values };
}

export type Point = readonly [x: number, y: number];

/**
 * Where the field is below a level: closed lines in [0, 1], around which the edges of the square go where it is below there too.
 * Marching squares, with what lies outside of the square above every level.
 */
export function regionsBelow(field: Field, level: number): readonly (readonly Point[])[] {
  const { columns, rows, values } = field;
  const valueAt = (i: number, j: number): number => (i < 0 || j < 0 || i >= columns || j >= rows ? Infinity : (values[j * columns + i] as number));
  /** Between two neighbours, one of which is below: named by both, so that lines meet. */
  const crossing = (i: number, j: number, k: number, l: number): readonly [string, Point] => {
    const [a, b] = [valueAt(i, j), valueAt(k, l)];
    const share = a === Infinity ? 1 : b === Infinity ? 0 : (level - a) / (b - a);
    const point = [(i + share * (k - i)) / (columns - 1), (j + share * (l - j)) / (rows - 1)] as const;
    return [i < k || j < l ? `${i},${j},${k},${l}` : `${k},${l},${i},${j}`, point];
  };
  const next = new Map<string, readonly [to: string, from: Point]>();
  for (let j = -1; j < rows; j++) {
    for (let i = -1; i < columns; i++) {
      const corners: readonly Point[] = [
        [i, j],
        [i + 1, j],
        [i + 1, j + 1],
        [i, j + 1],
      ];
      const below = corners.map(([x, y]) => valueAt(x, y) < level);
      // Clockwise around the square: a line begins where it gets above the level, and ends where it got below it before.
      for (let k = 0; k < 4; k++) {
        if (!below[k] || below[(k + 1) % 4]) continue;
        let back = k;
        while (below[(back + 3) % 4]) back = (back + 3) % 4;
        const [from, start] = crossing(...(corners[k] as Point), ...(corners[(k + 1) % 4] as Point));
        const [to] = crossing(...(corners[(back + 3) % 4] as Point), ...(corners[back] as Point));
        next.set(from, [to, start]);
      }
    }
  }
  return linked(next);
}

function linked(next: Map<string, readonly [to: string, from: Point]>): readonly (readonly Point[])[] {
  const lines: (readonly Point[])[] = [];
  for (const first of [...next.keys()]) {
    const line: Point[] = [];
    for (let at = next.get(first), key = first; at !== undefined; at = next.get(key)) {
      line.push(at[1]);
      next.delete(key);
      key = at[0];
    }
    if (line.length > 0) lines.push(withoutStraight(line));
  }
  return lines;
}

/** Without the points that lie on the way from the one before to the one after, or on the one before. */
function withoutStraight(line: readonly Point[]): readonly Point[] {
  const apart = line.filter(([x, y], i) => Math.hypot(x - (line.at(i - 1) as Point)[0], y - (line.at(i - 1) as Point)[1]) > 1e-9);
  return apart.filter(([x, y], i) => {
    const [[a, b], [c, d]] = [apart.at(i - 1) as Point, apart[(i + 1) % apart.length] as Point];
    return Math.abs((x - a) * (d - y) - (y - b) * (c - x)) > 1e-9;
  });
}
