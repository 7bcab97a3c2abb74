/** Characters of an intent whose words are found. */
const SEARCHED = 2000;
/** Thai, Kana and Han have no spaces between words: each of their characters is a word. */
const UNSPACED = String.raw`([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])`;

const spaced = (text: string): string => String.raw`regexp_replace(${text}, '${UNSPACED}', ' \1 ', 'g')`;
// Not a word of any text: ~ separates words.
const markOf = (workspaceId: string): string => `'~' || right(${workspaceId}::uuid::text, 12)`;

/** SQL: the words of an intent, with the mark of its workspace. Both arguments are SQL. */
export const wordsOf = (workspaceId: string, intent: string): string =>
  `strip(to_tsvector('simple', ${spaced(`left(${intent}, ${SEARCHED})`)})) || array_to_tsvector(ARRAY[${markOf(workspaceId)}])`;

/** SQL: whether `words` has all words of `text`. A text without a word matches nothing. */
export const hasWords = (words: string, workspaceId: string, text: string): string => {
  const query = `plainto_tsquery('simple', ${spaced(text)})`;
  return `${words} @@ (${query} && quote_literal(${markOf(workspaceId)})::tsquery) AND numnode(${query}) > 0`;
};
