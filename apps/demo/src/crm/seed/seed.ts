// The initial rows of every CRM, which are the same on every machine and in every run.
import { dataFile } from '../../data-file.ts';
import {
  ACTIVITY_STATUSES,
  ACTIVITY_TYPES,
  type Account,
  type CrmData,
  type Deal,
  emptyData,
  INDUSTRIES,
  insert,
  PRIORITIES,
  QUARTERS,
  REGIONS,
  STAGES,
  TICKET_STATUSES,
} from '../data.ts';
import { type Random, random } from './random.ts';

/** Names for the generator, and rows written by hand. */
type SeedSource = {
  /** Sales people. */
  people: [name: string, role: string][];
  /** Several names are similar on purpose. `owner`: an index in `people`. */
  accounts: [name: string, industry: Account['industry'], region: Account['region'], owner: number][];
  /** Deals of the accounts in `accounts`. */
  deals: [account: string, name: string, amount: number, stage: Deal['stage'], owner: number, closeDate: string][];
  products: [name: string, sku: string, price: number][];
} & Record<'firstNames' | 'lastNames' | 'titles' | 'businessNames' | 'businessKinds', string[]> &
  Record<'dealNames' | 'subjects' | 'complaints', string[]>;

const source = dataFile<SeedSource>('names.json');

const YEARS = [2021, 2022, 2023, 2024] as const;
const SEED = 20_231_001;

/** A fresh copy of the sample data. */
export function seedData(): CrmData {
  const data = emptyData();
  const next = random(SEED);
  for (const [name, role] of source.people) {
    insert(data, 'users', {
      name,
      email: `${mailbox(name)}@harbor-crm.example`,
      role,
      createdAt: '2020-06-01T08:00:00.000Z',
    });
  }
  for (const [name, sku, price] of source.products) {
    insert(data, 'products', { name, sku, price, createdAt: '2020-06-01T08:00:00.000Z' });
  }
  addAccounts(data, next);
  addDeals(data, next);
  addSales(data, next);
  addActivitiesAndTickets(data, next);
  return data;
}

function addAccounts(data: CrmData, next: Random): void {
  const add = (name: string, industry: Account['industry'], region: Account['region'], owner: number) => {
    const host = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.example`;
    const ownerId = data.users[owner]!.id;
    const account = { name, industry, region, website: `https://${host}`, ownerId, createdAt: randomTime(next, 2021) };
    const { id } = insert(data, 'accounts', account);
    for (let contactsLeft = next.between(1, 4); contactsLeft > 0; contactsLeft--) {
      const person = `${next.of(source.firstNames)} ${next.of(source.lastNames)}`;
      const phone = `+1 ${next.between(201, 989)} 555 ${String(next.between(100, 199)).padStart(4, '0')}`;
      const title = next.of(source.titles);
      const email = `${mailbox(person)}@${host}`;
      insert(data, 'contacts', { accountId: id, name: person, email, phone, title, createdAt: randomTime(next, 2022) });
    }
  };
  for (const [name, industry, region, owner] of source.accounts) add(name, industry, region, owner);
  for (const kind of source.businessKinds) {
    for (const name of source.businessNames)
      add(`${name} ${kind}`, next.of(INDUSTRIES), next.of(REGIONS), next.below(data.users.length));
  }
}

function addDeals(data: CrmData, next: Random): void {
  for (const [account, name, amount, stage, owner, closeDate] of source.deals) {
    const accountId = data.accounts.find((candidate) => candidate.name === account)!.id;
    const deal = {
      accountId,
      name,
      amount,
      currency: 'USD',
      stage,
      ownerId: data.users[owner]!.id,
      closeDate,
    } as const;
    insert(data, 'deals', { ...deal, createdAt: randomTime(next, 2023) });
  }
  // The accounts written by hand get no other deals than those above.
  const others = data.accounts.slice(source.accounts.length);
  for (let count = 0; count < 120; count++) {
    const { id, region, ownerId } = next.of(others);
    const deal = { accountId: id, name: next.of(source.dealNames), amount: next.between(200_000, 18_000_000) / 100 };
    const currency = region === 'EMEA' && next.below(3) === 0 ? 'EUR' : 'USD';
    insert(data, 'deals', {
      ...deal,
      currency,
      stage: next.of(STAGES),
      ownerId,
      closeDate: randomTime(next, 2024).slice(0, 10),
      createdAt: randomTime(next, 2023),
    });
  }
}

function addSales(data: CrmData, next: Random): void {
  for (const year of YEARS) {
    for (const [index, quarter] of QUARTERS.entries()) {
      for (const region of REGIONS) {
        const buyers = data.accounts.filter((account) => account.region === region);
        for (let lines = next.between(5, 9); lines > 0; lines--) {
          const day = new Date(Date.UTC(year, index * 3 + next.below(3), next.between(1, 28))).toISOString();
          insert(data, 'sales', {
            date: day.slice(0, 10),
            year,
            quarter,
            region,
            accountId: next.of(buyers).id,
            productId: next.of(data.products).id,
            amount: next.between(125_000, 9_800_000) / 100,
            createdAt: day,
          });
        }
      }
    }
  }
}

/** The left half of an email address: plain letters and a dot. */
const mailbox = (name: string) =>
  name
    .normalize('NFD')
    .replace(/[^A-Za-z ]/g, '')
    .toLowerCase()
    .replaceAll(' ', '.');

function addActivitiesAndTickets(data: CrmData, next: Random): void {
  for (let count = 0; count < 90; count++) {
    const { id, ownerId } = next.of(data.accounts);
    const [type, subject, status] = [next.of(ACTIVITY_TYPES), next.of(source.subjects), next.of(ACTIVITY_STATUSES)];
    const scheduledAt = randomTime(next, 2023);
    insert(data, 'activities', {
      type,
      accountId: id,
      ownerId,
      subject,
      scheduledAt,
      notes: '',
      status,
      createdAt: scheduledAt,
    });
  }
  for (let count = 0; count < 45; count++) {
    const [subject, priority, status] = [next.of(source.complaints), next.of(PRIORITIES), next.of(TICKET_STATUSES)];
    insert(data, 'tickets', {
      accountId: next.of(data.accounts).id,
      subject,
      priority,
      status,
      createdAt: randomTime(next, 2023),
    });
  }
}

/** A random time in the office hours of a year. */
const randomTime = (next: Random, year: number) =>
  new Date(
    Date.UTC(year, next.below(12), next.between(1, 28), next.between(8, 17), next.of([0, 15, 30, 45])),
  ).toISOString();
