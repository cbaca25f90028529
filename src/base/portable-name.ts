/** UTF-16 units: half of what Windows takes in one name, so that a path can hold several. */
const LONGEST = 130;
/** UTF-8 bytes of one name on Linux and macOS. */
const LONGEST_BYTES = 255;

/** Of Windows, control characters, line separators, and what is no character (macOS refuses it, and on Linux all halves of a pair are one name). */
const FORBIDDEN = /[<>:"/\\|?*\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/u;
/** Devices of Windows, which stay devices with an extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.|$)/i;
/** Windows drops them. */
const LOST_END = /[. ]+$/;

/**
 * `text` as the name of a file that Windows, macOS and Linux all take, at most 130 characters and 255 bytes. Each character that one of them refuses
 * becomes `_`, and a reserved name gets one in front; what is too long is cut. A name that is portable already is not changed.
 *
 * @param suffix - ASCII letters, digits, `-` and `_`, at most 100 of them: the name ends with it, whole
 */
export function portableName(text: string, suffix = ''): string {
  const plain = cut(text, LONGEST - suffix.length, LONGEST_BYTES - suffix.length).replace(new RegExp(FORBIDDEN, 'gu'), '_');
  const name = `${plain}${suffix}`.replace(LOST_END, (end) => '_'.repeat(end.length));
  if (name === '') return '_';
  return RESERVED.test(name) ? portableName(`_${text}`, suffix) : name;
}

/** What keeps `name` from being portable, to complete "it has"; `undefined` when nothing does. */
export function portabilityProblem(name: string): string | undefined {
  const [forbidden] = FORBIDDEN.exec(name) ?? [];
  if (forbidden !== undefined) return `the character ${JSON.stringify(forbidden)}`;
  if (name === '') return 'no character';
  const bytes = bytesOf(name);
  if (name.length > LONGEST || bytes > LONGEST_BYTES) return `${name.length} characters and ${bytes} bytes, over ${LONGEST} or ${LONGEST_BYTES}`;
  if (LOST_END.test(name)) return `a ${name.endsWith('.') ? 'dot' : 'space'} at its end`;
  return RESERVED.test(name) ? 'a name that Windows keeps for a device' : undefined;
}

/** Equal for two names that are one file where case does not count: on Windows, and on macOS, which takes an accent written in two ways for one as well. */
export const nameKey = (name: string): string => name.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC');

/** The longest beginning of at most so many UTF-16 units and UTF-8 bytes, whole characters only. */
function cut(text: string, units: number, bytes: number): string {
  let end = 0;
  let used = 0;
  for (const character of text) {
    used += bytesOf(character);
    if (end + character.length > units || used > bytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
