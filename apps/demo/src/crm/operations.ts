import type { Operation } from './operation.ts';
import { accounts, contacts } from './operations/accounts.ts';
import { activities } from './operations/activities.ts';
import { deals } from './operations/deals.ts';
import { products, sales } from './operations/sales.ts';
import { tickets } from './operations/tickets.ts';
import { users } from './operations/users.ts';

/** Every operation, in the order of the document. */
export const operations: readonly Operation[] = [
  ...accounts,
  ...contacts,
  ...users,
  ...deals,
  ...sales,
  ...activities,
  ...tickets,
  ...products,
];
