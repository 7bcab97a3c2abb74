// Names that the generator draws from, and the rows that are picked by hand.
import { dataFile } from '../../data-file.ts';
import type { Account, Deal } from '../data.ts';

type Names = {
  /** The sales people: name, role. */
  people: [name: string, role: string][];
  /** Several names look alike on purpose. `owner`: an index in `people`. */
  accounts: [name: string, industry: Account['industry'], region: Account['region'], owner: number][];
  /** Deals of the best known accounts. */
  deals: [account: string, name: string, amount: number, stage: Deal['stage'], owner: number, closeDate: string][];
  products: [name: string, sku: string, price: number][];
} & Record<'firstNames' | 'lastNames' | 'titles' | 'businessNames' | 'businessKinds', string[]> &
  Record<'dealNames' | 'subjects' | 'complaints', string[]>;

export const names = dataFile<Names>('names.json');
