/** The items of a page: those of its one list. */
export type ItemOf<Page> = Page extends readonly (infer Item)[]
  ? Item
  : { [Key in keyof Page]-?: Page[Key] extends readonly (infer Item)[] ? Item : never }[keyof Page];

/** The fields of a request that select a page. */
export type PageRequest = {
  /** Items a page. */
  pageSize: number;
  /** `nextCursor` of the previous page; absent for the first one. */
  cursor?: string;
};

/** All lists of Errand have pages of this size. */
const PAGE_SIZE = 100;
/** Pages in a row without an item after which the list counts as endless. A filter may leave some pages of Errand empty. */
const MAX_EMPTY_PAGES = 1000;

/**
 * Every item of a list, page by page: a page is read when the items of the previous one are used up.
 * For each list that takes `pageSize` and `cursor`: `everyItem((page) => errand.runs.list.query({ status: ['FAILED'], ...page }))`.
 * @param readPage reads a page. Its filters must stay the same.
 * @throws Error of `readPage`, or if the list has no end: a cursor leads back to an earlier page, or 1,000 pages in a row are empty
 * @throws TypeError if the answer is not a page
 */
export async function* everyItem<Page extends object>(
  readPage: (page: PageRequest) => Promise<Page>,
): AsyncGenerator<ItemOf<Page>, void, void> {
  let cursor: string | undefined;
  // Brent's algorithm finds each cycle of cursors with one cursor in memory.
  let mark: string | undefined;
  let pages = 0;
  let pagesUntilMark = 1;
  let emptyPages = 0;
  do {
    const page: Page = await readPage({ pageSize: PAGE_SIZE, ...(cursor !== undefined && { cursor }) });
    const items = itemsOf(page);
    emptyPages = items.length === 0 ? emptyPages + 1 : 0;
    if (emptyPages > MAX_EMPTY_PAGES)
      throw new Error(
        `The list has no end: ${MAX_EMPTY_PAGES} pages in a row are empty. Check that the URL leads to Errand.`,
      );
    yield* items;
    cursor = cursorAfter(page);
    if (cursor !== undefined && cursor === mark)
      throw new Error(
        'The list has no end: a cursor leads back to an earlier page. Send the same filters for each page.',
      );
    if (++pages === pagesUntilMark) {
      mark = cursor;
      pagesUntilMark *= 2;
    }
  } while (cursor !== undefined);
}

function itemsOf<Page extends object>(page: Page): readonly ItemOf<Page>[] {
  const [items, ...others] = Array.isArray(page) ? [page] : Object.values(page).filter(Array.isArray);
  if (!items || others.length > 0) throw new TypeError('The answer is not a page: it does not have one list of items.');
  return items;
}

/** Most lists have the cursor beside the items, that of runs has it in `pagination`. */
function cursorAfter(page: { nextCursor?: unknown; pagination?: { nextCursor?: unknown } }): string | undefined {
  const cursor = page.nextCursor ?? page.pagination?.nextCursor;
  return typeof cursor === 'string' ? cursor : undefined;
}
