import { shareLoad } from '@errand/basics/cache/share-load';

/** A text is used again for this time, in ms: many scrapers cost no more than one each second. */
const TTL_MS = 1000;

/** Lets scrapers share a text, also while it is written. */
export const shared = (write: () => Promise<string>): (() => Promise<string>) => shareLoad(TTL_MS, write);
