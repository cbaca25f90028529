import { randomInt } from 'node:crypto';
import { portableName } from '../base/portable-name.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** `<trainable>_<date>_<time>_<4 random characters>`, local time; a portable name in ASCII. */
export function experimentName(trainable: string, at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}`;
  const random = Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return portableName(trainable.replace(/[^A-Za-z0-9_-]/g, '_'), `_${date}_${time}_${random}`);
}

/** A seed for an experiment that was given none; it is recorded. */
export const drawSeed = (): number => randomInt(2 ** 31);
