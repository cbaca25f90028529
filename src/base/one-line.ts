/** What could move the cursor, end the line or turn it around: control characters, halves of pairs, line separators, marks of direction. */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const HARMLESS = /^[ -~…]*$/;

/**
 * Text that stays in its line and cannot steer the terminal: a line feed shows as `\n`, an escape as `\x1b`.
 *
 * @param longest - in code units; what is longer ends with `…`
 */
export function oneLine(text: string, longest: number = Infinity): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
  return HARMLESS.test(cut) ? cut : cut.replace(UNSAFE, escaped);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  return ESCAPES[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`);
}
