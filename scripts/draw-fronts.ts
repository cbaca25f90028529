import type { JournalLine } from '../src/trial/events.ts';
import { BOX, ENDS, endOf, escaped, frame, tick, upright } from './svg-frame.ts';

/**
 * What two metrics were where a rung stands, one point for each trial that came there: filled when it went on. The line is the front of those that
 * nobody dominates. The same journal gives the same text.
 */
export function drawFronts(title: string, journal: readonly JournalLine[], [across, up]: readonly [string, string], rung: number): string {
  const points = pointsOf(journal, across, up, rung);
  const [left, right] = [Math.min(...points.map(({ a }) => a)), Math.max(...points.map(({ a }) => a))];
  const [least, largest] = [Math.min(...points.map(({ b }) => b)), Math.max(...points.map(({ b }) => b))];
  const x = (a: number): string => (BOX.left + 10 + ((a - left) / (right - left || 1)) * (BOX.right - BOX.left - 20)).toFixed(1);
  const y = (b: number): string => (BOX.bottom - 6 - ((b - least) / (largest - least || 1)) * (BOX.bottom - BOX.top - 12)).toFixed(1);
  const front = points.filter(({ a, b }) => points.every((other) => other.a > a || other.b > b || (other.a === a && other.b === b))).sort((p, q) => p.a - q.a);
  const circle = ({ a, b, goesOn }: Point): string =>
    `<circle cx="${x(a)}" cy="${y(b)}" r="4" fill="${goesOn ? ENDS.trained.colour : '#fff'}" stroke="${goesOn ? ENDS.trained.colour : ENDS.stopped.colour}" stroke-width="1.5"/>`;
  const count = points.filter(({ goesOn }) => goesOn).length;
  return frame(
    title,
    escaped(across),
    [
      `<path d="M${BOX.left} ${BOX.bottom}H${BOX.right}M${BOX.left} ${BOX.top}V${BOX.bottom}" stroke="#ccc" fill="none"/>`,
      tick(x(left), Number(left.toPrecision(2))),
      tick(x(right), Number(right.toPrecision(2))),
      ...upright(up, least, largest),
      `<path d="M${front.map(({ a, b }) => `${x(a)} ${y(b)}`).join('L')}" fill="none" stroke="${ENDS.trained.colour}" stroke-dasharray="4 3"/>`,
      ...points.map(circle),
    ],
    [
      { colour: ENDS.trained.colour, text: `${count} go on` },
      { colour: ENDS.stopped.colour, text: `${points.length - count} stopped here` },
      { colour: ENDS.trained.colour, text: 'dominated by none', dashed: true },
    ],
  );
}

interface Point {
  readonly a: number;
  readonly b: number;
  goesOn: boolean;
}

function pointsOf(journal: readonly JournalLine[], across: string, up: string, rung: number): readonly Point[] {
  const points = new Map<number, Point>();
  const steps = new Map<number, number>();
  for (const line of journal) {
    if (line.kind === 'reported') steps.set(line.trial, line.step);
    const [a, b] = line.kind === 'reported' && line.step === rung ? [line.metrics[across], line.metrics[up]] : [];
    if (line.kind === 'reported' && typeof a === 'number' && typeof b === 'number') points.set(line.trial, { a, b, goesOn: true });
    const point = 'trial' in line && endOf(line) === 'stopped' && steps.get(line.trial) === rung ? points.get(line.trial) : undefined;
    if (point) point.goesOn = false;
  }
  return [...points.values()];
}
