/** Words of English that do not distinguish tools. */
const STOP_WORDS = new Set(
  `a an the and or of in on at to for from by with about as that this these those it its i me my we us our you your he him his she her
  they them their there is are was were be been do does did has have had will would can could should please show give tell list find
  get want need like what which who whom whose when where how all any some many much`.split(/\s+/),
);

/**
 * The words of prose or of a name, without stop words, in the singular: `listOpenDeals` and `the open deal` have two in common. The
 * singular is crude, but the same for tools and queries.
 */
export const searchWords = (text: string): string[] => nameWords(text).filter((word) => !STOP_WORDS.has(word));

/** As `searchWords`, with stop words. */
export const nameWords = (text: string): string[] =>
  text
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => (word.length > 3 ? word.replace(/ies$/, 'y').replace(/(?<=[^su])s$/, '') : word));
