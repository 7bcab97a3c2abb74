import { type Client, problemOf } from '@errand/client';
import type { Session } from '@errand/contracts';

export type CallerFacts = Pick<Session, 'caller'> & Partial<Pick<Session, 'workspace' | 'scopes' | 'version'>>;

/** Who the key is. A platform key manages workspaces, and has no session in one. */
export async function readCaller(client: Client): Promise<CallerFacts> {
  try {
    return await client.session.get.query({});
  } catch (error) {
    if (problemOf(error)?.status !== 403) throw error;
    await client.workspaces.list.query({ pageSize: 1 });
    return { caller: { type: 'api_key', id: 'platform', label: 'a platform key' } };
  }
}
