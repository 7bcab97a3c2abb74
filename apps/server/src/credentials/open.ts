import type { Secret, ToolOutcome } from '@errand/contracts';
import type { Connection, Db, OpenCredential } from '@errand/db';
import { type CallAuth, type Egress, freshAccess } from '@errand/integrations';
import { ProblemError } from '@errand/trpc-openapi';
import { Recent } from '../recent.ts';
import type { Scrubber } from '../scrub.ts';
import { createCloud } from './cloud.ts';
import { type GrantKey, grantStore } from './oauth.ts';

// This process learns of its own changes at once; those of others count after this.
const TTL_MS = 1000;

type Of = OpenCredential['of'];

/** What a call is made with and whose it is, or what comes of the call without it. */
export type Opened = { auth: CallAuth; of?: Of } | { outcome: ToolOutcome };

export type Credentials = ReturnType<typeof createCredentials>;

type Options = { db: Db; egress: Egress; scrubber: Scrubber; stsUrl?: string };

/** Credentials of integrations and their users, opened for one call. Every secret that is opened is blotted out of the log. */
export function createCredentials({ db, egress, scrubber, stsUrl }: Options) {
  const tokens = new Recent<OpenCredential | null>(TTL_MS);
  const secrets = new Recent<Secret | null>(TTL_MS);
  const opened = (secret: Secret) => scrubber.add(secret);
  const cloud = createCloud(egress, opened, stsUrl);
  const refreshing = new Map<string, ReturnType<typeof freshAccess>>();

  const own = (workspaceId: string) => db.forWorkspace(workspaceId).credentials;
  const tokenOf = (workspaceId: string, id: string, userId: string) =>
    tokens.get(workspaceId, JSON.stringify([id, userId]), () => own(workspaceId).open(id, userId));
  const secretOf = async (workspaceId: string, id: string) => {
    const secret = await secrets.get(workspaceId, id, () => own(workspaceId).ofIntegration(id));
    if (secret) opened(secret);
    return secret;
  };
  const grants = grantStore(
    db,
    ({ workspaceId, connection }) => secretOf(workspaceId, connection.customerIntegrationId),
    opened,
  );

  // All calls of this process that need the same grant refreshed wait for one refresh.
  function access(key: GrantKey, rejected: Secret | undefined): ReturnType<typeof freshAccess> {
    const { workspaceId, connection, userId } = key;
    const name = JSON.stringify([workspaceId, connection.customerIntegrationId, userId, rejected?.reveal()]);
    const known = refreshing.get(name);
    if (known) return known;
    const asked = freshAccess(grants, key, { egress, ...(rejected && { rejected }) }).finally(() =>
      refreshing.delete(name),
    );
    refreshing.set(name, asked);
    return asked;
  }

  async function open(key: GrantKey, rejected?: CallAuth): Promise<Opened> {
    const { workspaceId, connection, userId } = key;
    const { customerIntegrationId: id, auth } = connection;
    switch (auth.type) {
      case 'NONE':
        return { auth: { type: 'NONE' } };
      case 'API_TOKEN': {
        const found = await tokenOf(workspaceId, id, userId);
        if (!found) return { outcome: refused('credential_missing', missingToken(connection, userId)) };
        opened(found.token);
        const place = { in: auth.in, name: auth.name, prefix: auth.prefix } as Omit<
          CallAuth & { type: 'NONE' },
          'type'
        >;
        return { auth: { ...place, type: 'API_TOKEN', token: found.token }, of: found.of };
      }
      case 'OAUTH2': {
        const before = rejected && 'accessToken' in rejected ? rejected.accessToken : undefined;
        const found = await access(key, before);
        if (found.kind === 'access') return { auth: { type: 'OAUTH2', accessToken: found.accessToken }, of: 'user' };
        if (found.kind === 'later') return { outcome: later(connection, found.retryAfterMs) };
        return { outcome: refused('credential_missing', `${connection.name} needs the consent of the user.`) };
      }
      default: {
        const secret = await secretOf(workspaceId, id);
        if (!secret) return { outcome: refused('credential_unavailable', `${connection.name} has lost its secret.`) };
        const found = await cloud.open({ workspaceId, userId, connection, secret }, rejected !== undefined);
        if ('auth' in found) return { ...found, of: 'workspace' };
        if (found.kind === 'later') return { outcome: later(connection, found.retryAfterMs) };
        const message = `The credential of ${connection.name} is not accepted: ${found.reason}.`;
        return { outcome: refused('credential_rejected', message) };
      }
    }
  }

  return {
    /**
     * The credential of a user's call at an integration.
     * @param rejected the one that the service has just refused: another one is got where that can be
     */
    async open(key: GrantKey, rejected?: CallAuth): Promise<Opened> {
      try {
        return await open(key, rejected);
      } catch (error) {
        if (!(error instanceof ProblemError) || error.code !== 'credential_unavailable') throw error;
        return { outcome: refused('credential_unavailable', 'The stored credential cannot be opened. Store it anew.') };
      }
    },

    /** Whether the user must give something first. One that is kept and does not open is an operator's matter. */
    async lacks({ workspaceId, connection, userId }: GrantKey): Promise<boolean> {
      const { customerIntegrationId: id, auth } = connection;
      try {
        if (auth.type === 'API_TOKEN') {
          if (await tokenOf(workspaceId, id, userId)) return false;
          // Another process may have taken it in just now.
          tokens.forget(workspaceId);
          return (await tokenOf(workspaceId, id, userId)) === null;
        }
        if (auth.type !== 'OAUTH2') return false;
        const grant = await db.forWorkspace(workspaceId).grants.read(id, userId);
        return grant === undefined || grant.reconnect !== undefined;
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        return false;
      }
    },

    forget(workspaceId: string): void {
      tokens.forget(workspaceId);
      secrets.forget(workspaceId);
    },
  };
}

const missingToken = ({ name, customerIntegrationId }: Connection, userId: string) =>
  `${name} needs a token, and neither the user nor the workspace has one. PUT it to /v1/integrations/${customerIntegrationId}/users/${encodeURIComponent(userId)}/credentials, or PATCH the integration's auth.`;

const later = ({ name }: Connection, retryAfterMs: number): ToolOutcome => ({
  ok: false,
  code: 'upstream_unreachable',
  message: `Where the credential of ${name} is got does not answer for now.`,
  retryable: true,
  effectKnown: 'no',
  retryAfterMs,
});

const refused = (code: string, message: string): ToolOutcome => ({
  ok: false,
  code,
  message,
  retryable: false,
  effectKnown: 'no',
});
