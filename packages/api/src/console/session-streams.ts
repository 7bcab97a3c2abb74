import { includesScope, type PersonPrincipal, problem, scopesOfRole } from '@errand/contracts';
import type { Db } from '@errand/db';
import { insufficientScope, unauthenticated } from '../problems.ts';

/** Streams of one session in this process. A browser shares a few among its tabs. */
const MAX_PER_SESSION = 50;
/** Streams of all sessions in this process. */
const MAX_STREAMS = 5000;
const CHECK_MS = 5000;

type Stream = {
  sessionId: string;
  workspaceId: string;
  scopes: readonly (string | null)[];
  revoke: (reason: Error) => void;
};

/** Limits the streams of sessions. Revokes the streams of ended sessions, and of people who lost the membership or a scope. */
export class SessionStreams {
  readonly #streams = new Set<Stream>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly sessions: Pick<Db['sessions'], 'roles'>) {}

  /** As `StreamSlots.acquire`. @throws ProblemError too_many_streams, unavailable */
  acquire({ sessionId, workspaceId }: PersonPrincipal, scopes: Stream['scopes'], revoke: Stream['revoke']): () => void {
    if (this.#streams.size >= MAX_STREAMS) throw problem('unavailable', 'Too many streams are open.');
    const open = [...this.#streams].filter((stream) => stream.sessionId === sessionId).length;
    if (open >= MAX_PER_SESSION)
      throw problem('too_many_streams', `The session has its maximum of ${MAX_PER_SESSION} open streams.`, {
        values: { max: MAX_PER_SESSION },
      });
    const stream = { sessionId, workspaceId, scopes, revoke };
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => void this.#check().catch(() => {}), CHECK_MS).unref();
    return () => this.#free(stream);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #free(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  // While Postgres does not answer, streams stay open; the next check tries again.
  async #check(): Promise<void> {
    const open = [...this.#streams];
    const roleOf = await this.sessions.roles(open);
    for (const stream of open) {
      const role = roleOf(stream);
      const lost = role && stream.scopes.find((scope) => !includesScope(scopesOfRole[role], scope));
      if (role && lost === undefined) continue;
      this.#free(stream);
      stream.revoke(
        role ? insufficientScope(scopesOfRole[role], lost ?? null) : unauthenticated('The session has ended.'),
      );
    }
  }
}
