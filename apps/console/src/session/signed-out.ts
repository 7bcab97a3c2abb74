import { Store } from './store.ts';

/** Whether the service has refused the session of this page, or there is none. The page at the address stays the same. */
export const signedOut = new Store(false);
