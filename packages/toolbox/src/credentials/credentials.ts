import { Recent } from '@errand/basics/recent';
import type { Secret, ToolOutcome } from '@errand/contracts';
import { type Db, grantDestination, type OpenCredential, secretDestination } from '@errand/db';
import { type CallAuth, type Egress, freshAccess, type Grant, revoke, type Tokens } from '@errand/integrations';
import type { Log } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';
import { ProblemError } from '@errand/trpc-openapi';
import { createCloud } from './cloud.ts';
import { type GrantKey, grantStore } from './grant-store.ts';
import type { Hide } from './hide.ts';
import { askForMore, wantsMore } from './more-scopes.ts';
import { clientSecretOf, forgetClient } from './service-authorization.ts';

// Changes by this process apply at once; changes by other processes within this time.
const TTL_MS = 1000;
const REVOKE_MS = 10_000;

type Of = OpenCredential['of'];

/** A credential for a call, and whether it belongs to the user or the workspace. */
export type Opened = { auth: CallAuth; of?: Of };

type Failure = Extract<ToolOutcome, { ok: false }>;
/** A credential, or the outcome of the call if there is none. */
type OpenedOr = Opened | { outcome: ToolOutcome };

export type Credentials = ReturnType<typeof createCredentials>;

type Options = { db: Db; egress: Egress; hide: Hide; log: Pick<Log, 'warn'>; stsUrl?: string };

/** Credentials of integrations and their users, opened for one call. Every secret that is opened is redacted in the log. */
export function createCredentials({ db, egress, hide, log, stsUrl }: Options) {
  const tokens = new Recent<OpenCredential | null>(TTL_MS);
  const secrets = new Recent<Secret | null>(TTL_MS);
  const cloud = createCloud(egress, hide, stsUrl);
  const refreshing = new Map<string, ReturnType<typeof freshAccess>>();

  const own = (workspaceId: string) => db.forWorkspace(workspaceId).credentials;
  // The destination is part of the key: a credential is opened for one destination only.
  const tokenOf = ({ workspaceId, connection, userId }: GrantKey) => {
    const name = JSON.stringify([connection.customerIntegrationId, userId, secretDestination(connection)]);
    return tokens.get(workspaceId, name, () => own(workspaceId).open(connection, userId));
  };
  const secretOf = async ({ workspaceId, connection }: GrantKey) => {
    const name = JSON.stringify([connection.customerIntegrationId, secretDestination(connection)]);
    const secret = await secrets.get(workspaceId, name, () => clientSecretOf(db, workspaceId, connection));
    if (secret) hide(secret);
    return secret;
  };
  const revokeLost = async ({ server, client }: Grant, { accessToken, refreshToken }: Tokens) => {
    const tokens = { accessToken, ...(refreshToken && { refreshToken }) };
    const { kind } = await revoke({ server, client, ...tokens }, { egress, signal: AbortSignal.timeout(REVOKE_MS) });
    if (kind === 'failed') log.warn({ issuer: server.issuer }, 'tokens of an erased user could not be revoked');
  };
  const grants = grantStore(db, secretOf, { hide, revokeLost });

  // All calls of this process that need the same grant refreshed wait for one refresh.
  function access(key: GrantKey, rejected?: Secret, renewed = false): ReturnType<typeof freshAccess> {
    const { workspaceId, connection, userId } = key;
    const whose = [workspaceId, connection.customerIntegrationId, userId, grantDestination(connection)];
    const name = JSON.stringify([...whose, rejected?.reveal(), renewed]);
    const known = refreshing.get(name);
    if (known) return known;
    const options = { egress, ...(rejected && { rejected, renewed }) };
    const asked = freshAccess(grants, key, options).finally(() => refreshing.delete(name));
    refreshing.set(name, asked);
    return asked;
  }

  async function open(key: GrantKey, rejected?: CallAuth, renewed = false): Promise<OpenedOr> {
    const { workspaceId, connection, userId } = key;
    const { auth } = connection;
    switch (auth.type) {
      case 'NONE':
        return { auth: { type: 'NONE' } };
      case 'API_TOKEN': {
        const found = await tokenOf(key);
        if (!found) return { outcome: refused('credential_missing', missingToken(connection, userId)) };
        hide(found.token);
        const location = { in: auth.in, name: auth.name, prefix: auth.prefix } as Omit<
          CallAuth & { type: 'NONE' },
          'type'
        >;
        return { auth: { ...location, type: 'API_TOKEN', token: found.token }, of: found.of };
      }
      case 'OAUTH2': {
        const before = rejected && 'accessToken' in rejected ? rejected.accessToken : undefined;
        const found = await access(key, before, renewed);
        if (found.kind === 'access') return { auth: { type: 'OAUTH2', accessToken: found.accessToken }, of: 'user' };
        if (found.kind === 'later') return { outcome: later(connection, found.retryAfterMs) };
        if (found.kind === 'reconnect' && found.reason === 'invalid_client')
          await forgetClient(db, workspaceId, connection);
        return { outcome: refused('credential_missing', `${connection.name} needs the consent of the user.`) };
      }
      default: {
        const secret = await secretOf(key);
        if (!secret) return { outcome: refused('credential_unavailable', lostSecret(connection)) };
        const found = await cloud.open({ workspaceId, userId, connection, secret }, rejected !== undefined);
        if ('auth' in found) return { ...found, of: 'workspace' };
        if (found.kind === 'later') return { outcome: later(connection, found.retryAfterMs) };
        const message = `The credential of ${connection.name} is not accepted: ${found.reason}.`;
        return { outcome: refused('credential_rejected', message) };
      }
    }
  }

  /** Marks a token that the service refused, unless another token is stored meanwhile: then that one is used. */
  async function replace(key: GrantKey, { auth, of }: Opened, outcome: Failure): Promise<OpenedOr> {
    const { workspaceId, connection, userId } = key;
    const { token } = auth as { token: Secret };
    tokens.forget(workspaceId);
    const kept =
      of === 'user'
        ? await own(workspaceId).rejectUserToken(connection, userId, token)
        : await own(workspaceId).rejectOwnSecret(connection, token);
    tokens.forget(workspaceId);
    if (!kept) return open(key);
    if (of === 'workspace') return { outcome: { ...outcome, message: refusedOwn(connection) } };
    const message = `${connection.name} does not accept the user's token.`;
    return { outcome: { ...outcome, code: 'credential_missing', message } };
  }

  async function renew(key: GrantKey, refused: Opened, outcome: Failure, renewed: boolean) {
    switch (refused.auth.type) {
      case 'NONE':
        return undefined;
      case 'API_TOKEN':
        return replace(key, refused, outcome);
      case 'OAUTH2':
        return open(key, refused.auth, renewed);
      default: {
        if (!renewed) return open(key, refused.auth);
        const secret = await secretOf(key);
        if (secret) await own(key.workspaceId).rejectOwnSecret(key.connection, secret);
        return undefined;
      }
    }
  }

  /** A credential that does not open is an operator's matter: the call fails, and nobody is asked. */
  async function orUnavailable<T>(work: Promise<T>): Promise<T | { outcome: ToolOutcome }> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'credential_unavailable') throw error;
      return { outcome: refused('credential_unavailable', 'The stored credential cannot be opened. Store it again.') };
    }
  }

  return {
    /** Opens the credential for a call by a user, for the origin at which the integration is called. */
    open: (key: GrantKey): Promise<OpenedOr> => orUnavailable(open(key)),

    /**
     * Replaces a credential that the service has refused. A user's credential that was refused, also after a renewal, is marked, and the
     * outcome asks the user for another one. The workspace's is marked for its owner.
     * @param renewed whether the refused credential was itself a replacement
     * @returns another credential, an outcome, or undefined when there is no other
     */
    renew: (key: GrantKey, refused: Opened, outcome: Failure, renewed: boolean): Promise<OpenedOr | undefined> =>
      orUnavailable(renew(key, refused, outcome, renewed)),

    /** Asks the user for more, once, when the service wants it; see `askForMore`. */
    askForMore: (key: GrantKey, outcome: Failure): Promise<ToolOutcome> => askForMore(db, key, outcome),

    /**
     * Whether the user must give a credential first. False if one is stored but cannot be opened: the user cannot mend that.
     * @param widened whether a service has just wanted more rights: then a consent that does not ask for them is not enough
     */
    async isMissing(key: GrantKey, widened = false): Promise<boolean> {
      const { workspaceId, connection, userId } = key;
      try {
        if (connection.auth.type === 'API_TOKEN') {
          if (await tokenOf(key)) return false;
          // Another process may have stored it just now.
          tokens.forget(workspaceId);
          return (await tokenOf(key)) === null;
        }
        if (connection.auth.type !== 'OAUTH2') return false;
        const grant = await db.forWorkspace(workspaceId).grants.read(connection, userId);
        if (grant === undefined || grant.reconnect !== undefined) return true;
        return widened && wantsMore(await db.forWorkspace(workspaceId).grants.scopes(connection, userId));
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

const missingToken = ({ name, customerIntegrationId }: ServiceTarget, userId: string) =>
  `${name} needs a token, and neither the user nor the workspace has one that may be used there. PUT it to /v1/integrations/${customerIntegrationId}/users/${encodeURIComponent(userId)}/credentials, or PATCH the integration's auth.`;

const lostSecret = ({ name, customerIntegrationId }: ServiceTarget) =>
  `${name} has no secret for the origin at which it is called now. Its owner sets it: auth of PATCH /v1/integrations/${customerIntegrationId}.`;

const refusedOwn = ({ name, customerIntegrationId }: ServiceTarget) =>
  `${name} does not accept the token of the workspace. Its owner sets another one: auth of PATCH /v1/integrations/${customerIntegrationId}.`;

const later = ({ name }: ServiceTarget, retryAfterMs: number): ToolOutcome => ({
  ok: false,
  code: 'upstream_unreachable',
  message: `The server that issues the credential of ${name} does not answer now.`,
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
