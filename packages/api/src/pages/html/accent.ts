// The color of a brand on a page: only where it has enough contrast (WCAG 2.2, 1.4.3 and 1.4.11).

/** The color behind the controls of each scheme, as in the style of pages. */
const SCHEMES = [
  { card: '#ffffff', query: '' },
  { card: '#1d1f22', query: '@media (prefers-color-scheme: dark)' },
] as const;
const TEXT_COLORS = ['#ffffff', '#000000'] as const;
const MIN_OF_TEXT = 4.5;
const MIN_OF_CONTROL = 3;

/** The contrast of two colors of the form `#rrggbb`, from 1 to 21. */
export function contrastOf(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminanceOf(a), luminanceOf(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The style of a color: a bar, and the buttons of each scheme against which it stands out. @param color `#rrggbb`; anything else is ignored */
export function accentStyle(color: string): string {
  if (!/^#[0-9a-fA-F]{6}$/.test(color)) return '';
  const buttons = SCHEMES.flatMap(({ card, query }) => {
    const text = TEXT_COLORS.find((text) => contrastOf(text, color) >= MIN_OF_TEXT);
    const isClear = text !== undefined && contrastOf(color, card) >= MIN_OF_CONTROL;
    const rule = `:root { --button: ${isClear ? color : 'var(--yes)'}; --on-button: ${isClear ? text : '#fff'}; }`;
    return query === '' ? [rule] : [`${query} { ${rule} }`];
  });
  return `body { border-top: .3rem solid ${color}; }\n${buttons.join('\n')}`;
}
