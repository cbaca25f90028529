import fc from 'fast-check';

/** Devices of Windows, as its documentation lists them. */
const DEVICES = [
  ...['CON', 'PRN', 'AUX', 'NUL', 'CONIN$', 'CONOUT$'],
  ...['COM', 'LPT'].flatMap((port) => ['1', '2', '3', '4', '5', '6', '7', '8', '9', '¹', '²', '³'].map((digit) => port + digit)),
];

const device = fc
  .tuple(fc.constantFrom(...DEVICES), fc.boolean(), fc.constantFrom('', '.', '.txt', '.tar.gz', ' ', '  .txt', '. .', '_1'))
  .map(([name, lower, end]) => (lower ? name.toLowerCase() : name) + end);

const letters = fc.constantFrom('a', 'A', 'ß', 'ẞ', 'é', 'e\u0301', 'İ', 'ſ', 'K', '\u212A', 'Å', '\u212B', '名', '👩‍🔬', '\u{1D11E}', 'ﬁ');
const trouble = fc.constantFrom(...'<>:"/\\|?*. ', '\0', '\n', '\u007f', '\u0085', '\u2028', '\ud800', '\udc00', '\uffff', '..', '~', '%', '\u202e');

/** Text that some file system refuses, changes or confuses with another, and text that none does. */
export const hostileText = fc.oneof(
  device,
  fc.string({ unit: fc.oneof(letters, trouble), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.tuple(fc.oneof(letters, trouble), fc.integer({ min: 40, max: 400 })).map(([unit, times]) => unit.repeat(times)),
  fc.tuple(fc.integer({ min: 120, max: 135 }), fc.oneof(letters, trouble)).map(([times, end]) => 'x'.repeat(times) + end + end),
);

/** What a file system of Windows, macOS or Linux holds against a name. Written from their documentation, not from our code. */
export function wrongWith(name: string): string[] {
  const [base = ''] = name.split('.');
  return [
    name === '' && 'is empty',
    /[<>:"/\\|?*]/.test(name) && 'has a character that Windows refuses',
    [...name].some((character) => character < ' ' || (character >= '\u007f' && character < '\u00a0')) && 'has a control character',
    DEVICES.includes(base.trimEnd().toUpperCase()) && 'is a device',
    /[. ]$/.test(name) && 'ends with a dot or a space',
    name.length > 130 && 'is too long',
    Buffer.byteLength(name) > 255 && 'has too many bytes',
    Buffer.from(name).toString() !== name && 'has half a character',
  ].filter((problem) => problem !== false);
}

/** As file systems compare that ignore case: Unicode's full case folding, which lower, upper and lower case together give, after composition. */
export const sameFile = (a: string, b: string): boolean => folded(a) === folded(b);
const folded = (name: string): string => name.normalize('NFD').toLowerCase().toUpperCase().toLowerCase().normalize('NFD');
