import type { Secret } from '@errand/contracts';
import type { Connection } from '@errand/db';

/** accepted: the service answered with success. rejected: with 401. unknown: otherwise or not at all, or it was not asked. */
export type TrialResult = 'accepted' | 'rejected' | 'unknown';

/** Tries a token at its service before it is kept, by a read that changes nothing, where there is one. */
export type TryToken = (workspaceId: string, connection: Connection, token: Secret) => Promise<TrialResult>;
