// Names for the generator, and rows written by hand.
import { dataFile } from '../../data-file.ts';
import type { Account, Deal } from '../data.ts';

type Names = {
  /** Sales people. */
  people: [name: string, role: string][];
  /** Several names are similar on purpose. `owner`: an index in `people`. */
  accounts: [name: string, industry: Account['industry'], region: Account['region'], owner: number][];
  /** Deals of the accounts in `accounts`. */
  deals: [account: string, name: string, amount: number, stage: Deal['stage'], owner: number, closeDate: string][];
  products: [name: string, sku: string, price: number][];
} & Record<'firstNames' | 'lastNames' | 'titles' | 'businessNames' | 'businessKinds', string[]> &
  Record<'dealNames' | 'subjects' | 'complaints', string[]>;

export const names = dataFile<Names>('names.json');
