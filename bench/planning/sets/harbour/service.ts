import { service } from '../kit.ts';
import { seed } from './data.ts';
import { PATH_WORDS, SCHEMAS } from './document.ts';
import { OFFICE } from './office.ts';
import { WATER } from './water.ts';
import { YARD } from './yard.ts';

/** A marina's back office: REST, nested resources, and many nouns that are close to each other. */
export const SERVICE = service({
  id: 'harbour',
  name: 'Harbour Office',
  description: 'Berths, vessels, owners, bookings, contracts, invoices and the boatyard of Larvik harbour.',
  pathWords: PATH_WORDS,
  schemas: SCHEMAS,
  operations: [...WATER, ...OFFICE, ...YARD],
  seed,
});
