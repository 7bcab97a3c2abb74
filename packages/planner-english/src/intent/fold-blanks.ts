/** Blanks in a row that a reader of an intent sees. Longer runs carry no meaning, and expressions may take time that grows with their square. */
const MAX_BLANKS = 100;
/** What is quoted stays as it was typed. */
const QUOTED_OR_LONG = new RegExp(`("[^"\\n]*"|“[^”\\n]*”|«[^»\\n]*»|\`[^\`\\n]*\`)|(\\s{${MAX_BLANKS}})\\s+`, 'g');

/** Shortens long runs of blanks outside quotation marks. */
export const foldBlanks = (text: string): string =>
  text.replace(QUOTED_OR_LONG, (_, quoted?: string, kept?: string) => quoted ?? kept ?? '');
