/** Escape sequences of a style: what begins it and what ends it. */
const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const;

export type Style = keyof typeof STYLES;
export type Paint = (style: Style, text: string) => string;

/** Colours for a terminal, or none. */
export function painter(color: boolean): Paint {
  if (!color) return (_, text) => text;
  return (style, text) => {
    const [begin, end] = STYLES[style];
    return text === '' ? '' : `\x1b[${begin}m${text}\x1b[${end}m`;
  };
}
