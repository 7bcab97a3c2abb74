import { includesScope, type PersonPrincipal, problem, type Role, scopesOfRole } from '@errand/contracts';
import type { Db } from '@errand/db';
import { type CheckedStream, CheckedStreams } from '../limits/checked-streams.ts';
import { insufficientScope, unauthenticated } from '../problems.ts';

/** Streams of one session in this process. A browser shares a few among its tabs. */
const MAX_PER_SESSION = 50;

type Stream = CheckedStream & { sessionId: string; workspaceId: string; scopes: readonly (string | null)[] };

/** Limits the streams of sessions. Revokes the streams of ended sessions, and of people who lost the membership or a scope. */
export class SessionStreams {
  readonly #streams: CheckedStreams<Stream>;

  constructor(sessions: Pick<Db['sessions'], 'roles'>) {
    this.#streams = new CheckedStreams(async (open) => {
      const roleOf = await sessions.roles(open);
      return (stream) => lossOf(stream, roleOf(stream));
    });
  }

  /** As `StreamSlots.acquire`. @throws ProblemError too_many_streams */
  acquire({ sessionId, workspaceId }: PersonPrincipal, scopes: Stream['scopes'], revoke: Stream['revoke']): () => void {
    if (this.#streams.count((stream) => stream.sessionId === sessionId) >= MAX_PER_SESSION)
      throw problem('too_many_streams', `The session has its maximum of ${MAX_PER_SESSION} open streams.`, {
        values: { max: MAX_PER_SESSION },
      });
    return this.#streams.add({ sessionId, workspaceId, scopes, revoke });
  }

  close(): void {
    this.#streams.close();
  }
}

function lossOf({ scopes }: Stream, role: Role | undefined): Error | undefined {
  if (!role) return unauthenticated('The session has ended.');
  const lost = scopes.find((scope) => !includesScope(scopesOfRole[role], scope));
  return lost === undefined ? undefined : insufficientScope(scopesOfRole[role], lost);
}
