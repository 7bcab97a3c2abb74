import {
  scopes as allScopes,
  type CallerPrincipal,
  holds,
  type Session,
  type SessionPrincipal,
  type UserTokenPrincipal,
} from '@errand/contracts';
import type { SessionHandlers } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { orNotFound } from '../problems.ts';
import { VERSION } from '../version.ts';

/** The caller itself: who it is, what it may do, and the sessions of a person. */
export const session: SessionHandlers['session'] = {
  get: async ({ ctx }) => {
    const { session: current, deps } = ctx;
    // The platform and user tokens may not call it.
    const principal = ctx.principal as Exclude<CallerPrincipal, UserTokenPrincipal> | SessionPrincipal;
    const workspaces = await workspacesOf(deps.db, principal);
    const workspaceId = 'workspaceId' in principal ? principal.workspaceId : undefined;
    const { approvals, features } = deps.instance;
    return {
      caller: { type: principal.kind, id: principal.id, label: principal.label },
      ...(current && {
        person: {
          personId: current.person.personId,
          name: current.person.name,
          ...(current.person.email !== null && { email: current.person.email }),
          isOperator: current.person.isOperator,
          sessionId: current.sessionId,
          endsAt: current.endsAt.toISOString(),
        },
      }),
      workspace: workspaces.find((workspace) => workspace.workspaceId === workspaceId),
      workspaces,
      scopes: scopesOf(principal),
      approvals,
      features,
      version: VERSION,
      now: new Date().toISOString(),
    };
  },

  list: async ({ input, ctx: { principal, session: current, deps } }) => {
    const { rows, ...next } = await deps.lists.read({ name: 'session.list', ownerId: principal.id }, input, {
      read: (after: string | undefined, limit) => deps.db.sessions.list(principal.id, { after, limit }),
      positionOf: ({ sessionId }) => sessionId,
    });
    const sessions = rows.map(({ sessionId, createdAt, seenAt, endsAt, ip, userAgent }) => ({
      sessionId,
      current: sessionId === current?.sessionId,
      createdAt: createdAt.toISOString(),
      seenAt: seenAt.toISOString(),
      endsAt: endsAt.toISOString(),
      ...(ip !== null && { ip }),
      ...(userAgent !== null && { userAgent }),
    }));
    return { sessions, ...next };
  },

  end: async ({ input, ctx: { principal, session: current, deps } }) => {
    const person = { personId: principal.id, name: principal.label };
    const sessionId = input.sessionId ?? current?.sessionId ?? '';
    const ended = await deps.db.sessions.end(person, sessionId, 'signed out');
    orNotFound(ended || null, 'session');
    return null;
  },
};

async function workspacesOf(
  db: ApiDeps['db'],
  principal: CallerPrincipal | SessionPrincipal,
): Promise<Session['workspaces']> {
  if (principal.kind === 'person') return db.people.workspacesOf(principal.id);
  const workspace = await db.workspaces.find(principal.workspaceId);
  return workspace ? [{ workspaceId: workspace.workspaceId, name: workspace.name }] : [];
}

/** All scopes in place of `admin`, which includes them. */
function scopesOf(principal: CallerPrincipal | SessionPrincipal) {
  if (!('scopes' in principal)) return [];
  return allScopes.filter((scope) => holds(principal, scope));
}
