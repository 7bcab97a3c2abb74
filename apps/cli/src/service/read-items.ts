// Lists are read page by page, and held until they are printed: a table needs the widths of all rows.
import { everyItem, type ItemOf, type PageRequest } from '@errand/client';
import { Failure } from '../outcome/failure.ts';

/** The longest list that a command holds, as JSON: more than the tools of the largest integration, 48 MiB. */
const MAX_LIST_CHARACTERS = 64 * 1024 * 1024;

/**
 * Reads the first items of a list.
 * @param limit the most items
 * @throws Failure if they are too large
 */
export async function readItems<Page extends object>(
  readPage: (page: PageRequest) => Promise<Page>,
  limit: number,
): Promise<ItemOf<Page>[]> {
  const items: ItemOf<Page>[] = [];
  let characters = 0;
  for await (const item of everyItem(readPage)) {
    characters += JSON.stringify(item).length;
    if (characters > MAX_LIST_CHARACTERS)
      throw new Failure(
        `The list is larger than ${MAX_LIST_CHARACTERS / 1024 / 1024} MiB after ${items.length} items.`,
        {
          remedy:
            'Read it page by page with errand api, pageSize and cursor; or ask for fewer items, if the command has --limit.',
        },
      );
    items.push(item);
    if (items.length >= limit) break;
  }
  return items;
}
