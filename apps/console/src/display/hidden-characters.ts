// Characters that could hide or reorder text before a decision: controls, format characters (zero width, bidi, tags), separators,
// unusual spaces and blanks, private and unassigned characters, lone surrogates. Newline and tab are visible.
const HIDDEN =
  /((?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}\u00a0\u2000-\u200a\u202f\u205f\u2800\u3000])/u;

export type TextPart = { text: string; isHidden: boolean };

/** The text in parts: as it is, and each hidden character by its number. */
export const textParts = (text: string): TextPart[] =>
  text.split(HIDDEN).flatMap((part, i) => {
    if (part === '') return [];
    return [i % 2 === 0 ? { text: part, isHidden: false } : { text: `\\u{${hexOf(part)}}`, isHidden: true }];
  });

const hexOf = (character: string): string => character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');

export const hidesText = (text: string): boolean => HIDDEN.test(text);
