// Characters that could hide or reorder text on an approval page: controls, format characters (zero width, bidi, tags), line and paragraph
// separators, variation selectors, unusual spaces and blanks, private and unassigned characters, lone surrogates. Newline and tab are visible.
const INVISIBLE =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}\u00a0\u2000-\u200a\u202f\u205f\u2800\u3000]/gu;

/** Whether a text contains invisible characters. */
export const hidesText = (text: string): boolean => text.search(INVISIBLE) !== -1;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for an element or a quoted attribute; hidden characters become `\u{…}`. */
export const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (c) => ENTITIES[c]!).replaceAll(INVISIBLE, (c) => `\\u{${hexCode(c)}}`);

/** Like `escaped`, but with each escape in a span, so not for attributes. A literal `\u{…}` in the text has no span and looks different. */
export const visible = (text: string): string =>
  text
    .replaceAll(/[&<>"']/g, (c) => ENTITIES[c]!)
    .replaceAll(INVISIBLE, (c) => `<span class="hidden">\\u{${hexCode(c)}}</span>`);

const hexCode = (c: string): string => c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
