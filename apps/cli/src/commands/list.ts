// Lists of resources: read page by page up to a limit, and printed as a table.
import type { ItemOf, PageRequest } from '@errand/client';
import type { Cli } from '../cli/cli.ts';
import { readItems } from '../service/read-items.ts';
import { type Column, table } from '../terminal/table.ts';
import type { View } from '../terminal/view.ts';

export type Listing<Page extends object> = {
  read: (page: PageRequest) => Promise<Page>;
  limit: number;
  /** The name of the list in the JSON document. */
  name: string;
  idOf: (item: ItemOf<Page>) => string;
  columns: (view: View) => Column<ItemOf<Page>>[];
  /** What is said if there are none. */
  none: string;
};

export async function printList<Page extends object>(listing: Listing<Page>, cli: Cli): Promise<void> {
  const items = await readItems(listing.read, listing.limit);
  cli.recent().remember(items.map(listing.idOf));
  cli.output.answer(
    { [listing.name]: items },
    {
      text: (answer, view) => {
        const rows = answer[listing.name]!;
        return rows.length === 0 ? [] : table(rows, listing.columns(view), view);
      },
      ids: (answer) => answer[listing.name]!.map(listing.idOf),
      items: () => items,
    },
  );
  if (items.length === 0) cli.output.say(listing.none);
}
