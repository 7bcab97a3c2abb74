import { endHold, type Hold, readHold, withSystemClient } from '../restores/hold.ts';

/**
 * Ends the hold of a restored database: its runs, schedules, webhooks and refreshes move again.
 * @param url of a login that is a member of errand_system
 * @returns the hold; undefined if the database was not held
 */
export const resumeRestored = (url: string): Promise<Hold | undefined> =>
  withSystemClient(url, async (client) => {
    const hold = await readHold(client);
    return hold && (await endHold(client)) ? hold : undefined;
  });
