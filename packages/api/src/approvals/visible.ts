// What could hide or turn around what a human is asked: controls, format characters (zero width, bidi, tags), line and paragraph
// separators, variation selectors, blanks that look like nothing, private and unassigned characters, lone surrogates.
const hidden =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}\u00a0\u2000-\u200a\u202f\u205f\u2800\u3000]/gu;

const html: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for HTML, in an element or a quoted attribute, whose every character is what it looks like. */
export const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (c) => html[c]!).replaceAll(hidden, (c) => `\\u{${hex(c)}}`);

/** The same for an element, with escapes that can be told from text that reads alike. */
export const visible = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (c) => html[c]!).replaceAll(hidden, (c) => `<span class="hidden">\\u{${hex(c)}}</span>`);

const hex = (c: string): string => c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
