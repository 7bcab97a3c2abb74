/** Number of searchable characters of an intent, of the texts of a result, and of the message of an error. */
export const SEARCHED_CHARACTERS = 2000;
/** Thai, Kana and Han do not separate words: each character counts as a word. */
const UNSPACED = String.raw`([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])`;

const spaced = (text: string): string => String.raw`regexp_replace(${text}, '${UNSPACED}', ' \1 ', 'g')`;
// The mark cannot be a word of a text, because ~ separates words.
const markOf = (workspaceId: string): string => `'~' || right(${workspaceId}::uuid::text, 12)`;

/** SQL of the words of a text, with the mark of its workspace. Both arguments are SQL. */
export const wordsOf = (workspaceId: string, text: string): string =>
  `strip(to_tsvector('simple', ${spaced(`left(${text}, ${SEARCHED_CHARACTERS})`)})) || array_to_tsvector(ARRAY[${markOf(workspaceId)}])`;

/** SQL of whether `words` contains all words of `text`. A text without words matches nothing. */
export const hasWords = (words: string, workspaceId: string, text: string): string => {
  const query = `plainto_tsquery('simple', ${spaced(text)})`;
  return `${words} @@ (${query} && quote_literal(${markOf(workspaceId)})::tsquery) AND numnode(${query}) > 0`;
};
