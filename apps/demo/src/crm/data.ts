// The rows of the CRM, in concept names, kept in memory.

export const INDUSTRIES = [
  'Retail',
  'Manufacturing',
  'Food & Beverage',
  'Energy',
  'Healthcare',
  'Logistics',
  'Technology',
  'Finance',
] as const;
export const REGIONS = ['North America', 'Latin America', 'EMEA', 'APAC'] as const;
export const STAGES = ['prospecting', 'qualified', 'proposal', 'negotiation', 'won', 'lost'] as const;
export const CURRENCIES = ['USD', 'EUR', 'GBP'] as const;
export const QUARTERS = ['Q1', 'Q2', 'Q3', 'Q4'] as const;
export const ACTIVITY_TYPES = ['call', 'email', 'meeting', 'task'] as const;
export const ACTIVITY_STATUSES = ['planned', 'completed', 'canceled'] as const;
export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export const TICKET_STATUSES = ['open', 'pending', 'solved'] as const;

type BaseRow = { id: string; createdAt: string };

export type Account = BaseRow & {
  name: string;
  industry: (typeof INDUSTRIES)[number];
  region: (typeof REGIONS)[number];
  website: string;
  ownerId: string;
};
export type Contact = BaseRow & { accountId: string; name: string; email: string; phone: string; title: string };
export type User = BaseRow & { name: string; email: string; role: string };
export type Deal = BaseRow & {
  accountId: string;
  name: string;
  amount: number;
  currency: (typeof CURRENCIES)[number];
  stage: (typeof STAGES)[number];
  ownerId: string;
  closeDate: string;
};
export type Sale = BaseRow & {
  date: string;
  year: number;
  quarter: (typeof QUARTERS)[number];
  region: (typeof REGIONS)[number];
  accountId: string;
  productId: string;
  amount: number;
};
export type Activity = BaseRow & {
  type: (typeof ACTIVITY_TYPES)[number];
  accountId: string;
  ownerId: string;
  subject: string;
  scheduledAt: string;
  notes: string;
  status: (typeof ACTIVITY_STATUSES)[number];
};
export type Ticket = BaseRow & {
  accountId: string;
  subject: string;
  priority: (typeof PRIORITIES)[number];
  status: (typeof TICKET_STATUSES)[number];
};
export type Product = BaseRow & { name: string; sku: string; price: number };

/** The tables, with rows in the order of their creation. */
export type CrmData = {
  readonly accounts: Account[];
  readonly contacts: Contact[];
  readonly users: User[];
  readonly deals: Deal[];
  readonly sales: Sale[];
  readonly activities: Activity[];
  readonly tickets: Ticket[];
  readonly products: Product[];
};

/** The prefix of the ids of a table, and the noun of one of its rows. */
export const TABLES = {
  accounts: { prefix: 'acc', noun: 'account' },
  contacts: { prefix: 'con', noun: 'contact' },
  users: { prefix: 'usr', noun: 'user' },
  deals: { prefix: 'dea', noun: 'deal' },
  sales: { prefix: 'sal', noun: 'sale' },
  activities: { prefix: 'act', noun: 'activity' },
  tickets: { prefix: 'tic', noun: 'ticket' },
  products: { prefix: 'pro', noun: 'product' },
} as const;

export type Table = keyof CrmData;

/** Adds a row with the table's next id (`acc_000041`). Ids of deleted rows are not reused. */
export function insert<T extends Table>(
  data: CrmData,
  table: T,
  row: Omit<CrmData[T][number], 'id'>,
): CrmData[T][number] {
  const rows = data[table] as CrmData[T][number][];
  const last = highest.get(rows) ?? 0;
  highest.set(rows, last + 1);
  const added = { id: `${TABLES[table].prefix}_${String(last + 1).padStart(6, '0')}`, ...row } as CrmData[T][number];
  rows.push(added);
  return added;
}

const highest = new WeakMap<object, number>();

export const emptyData = (): CrmData =>
  Object.fromEntries(Object.keys(TABLES).map((table) => [table, []])) as unknown as CrmData;

/** Dollars and cents as a whole number of cents. */
export const cents = (amount: number): number => Math.round(amount * 100);
