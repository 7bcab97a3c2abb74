import { problem, type SessionPrincipal } from '@errand/contracts';
import { type Db, personPrincipal, type Session } from '@errand/db';
import type { RequestContext, SessionOfRequest } from '../context.ts';
import { FailedAttempts, tooManyFailedAttempts } from '../limits/failed-attempts.ts';
import { unauthenticated } from '../problems.ts';
import {
  type ConsolePort,
  checkConsoleOrigin,
  readSessionSecrets,
  TOKEN_HEADER,
  WORKSPACE_HEADER,
} from './console-port.ts';

type SessionDeps = { db: Pick<Db, 'sessions'>; console: ConsolePort; processes?: number | undefined };

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SIGN_IN = 'Open /console to sign in.';

/**
 * Identifies the person of a request by its session, in the workspace that it names.
 * @returns a function that throws ProblemError origin_not_allowed, unauthenticated, not_found, rate_limited
 */
export function createSessionAuthenticate({ db, console: port, processes }: SessionDeps) {
  const failedAttempts = new FailedAttempts(processes);
  return async ({ request, headers }: Pick<RequestContext, 'request' | 'headers'>): Promise<SessionOfRequest> => {
    const origin = checkConsoleOrigin(port, headers);
    if (headers['x-api-key'] !== undefined || headers.authorization !== undefined)
      throw unauthenticated('API keys are not accepted here.', { remedy: 'Send the key to /v1 or /trpc.' });
    const secrets = readSessionSecrets(origin, headers);
    if (!secrets)
      throw unauthenticated(`The request has no session: it needs the cookie and ${TOKEN_HEADER}.`, {
        remedy: SIGN_IN,
      });
    const waitMs = failedAttempts.waitMs(request);
    if (waitMs > 0) throw tooManyFailedAttempts(waitMs, 'sessions');
    const workspaceId = workspaceIdOf(headers[WORKSPACE_HEADER]);
    const session = await db.sessions.verify(secrets, workspaceId);
    if (!session) {
      failedAttempts.record(request);
      throw unauthenticated('The session has ended.', { remedy: SIGN_IN });
    }
    return sessionOfRequest(db, session, { workspaceId, ip: request.ip });
  };
}

/** @throws ProblemError not_found, with the same text for a workspace of others and one that does not exist */
function workspaceIdOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && UUID.test(header)) return header;
  throw noSuchWorkspace();
}

const noSuchWorkspace = () => problem('not_found', 'There is no such workspace, or you are not a member of it.');

async function sessionOfRequest(
  db: SessionDeps['db'],
  session: Session,
  { workspaceId, ip }: { workspaceId: string | undefined; ip: string },
): Promise<SessionOfRequest> {
  if (workspaceId === undefined) return { session, principal: principalWithoutWorkspace(session, ip) };
  if (session.role === null) throw noSuchWorkspace();
  if (session.isSuspended) throw problem('workspace_suspended', 'The operator of the instance has suspended it.');
  const principal = personPrincipal(session, workspaceId, session.role, ip);
  if (!session.hasEntered) await db.sessions.enter(principal);
  return { session, principal };
}

const principalWithoutWorkspace = ({ sessionId, person }: Session, ip: string): SessionPrincipal => ({
  kind: 'person',
  id: person.personId,
  label: person.name,
  isOperator: person.isOperator,
  sessionId,
  ip,
});
