export function printGrid(grid: Iterable<unknown>, more?: Readonly<Record<string, unknown>>): void;
