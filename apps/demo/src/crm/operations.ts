import type { Operation } from './operation.ts';
import { accounts } from './operations/accounts.ts';
import { activities } from './operations/activities.ts';
import { contacts } from './operations/contacts.ts';
import { deals } from './operations/deals.ts';
import { products } from './operations/products.ts';
import { sales } from './operations/sales.ts';
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
