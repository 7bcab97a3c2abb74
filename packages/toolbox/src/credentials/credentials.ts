import { type Awaitable, isPromise } from '@errand/basics/awaitable';
import { RecentCache } from '@errand/basics/cache/recent-cache';
import { timeLimit } from '@errand/basics/time-limit';
import { type OAuthKnobs, Secret, type ToolOutcome } from '@errand/contracts';
import { type Db, grantDestination, type OpenCredential, secretDestination, tokenDestination } from '@errand/db';
import {
  type Access,
  type CallAuth,
  type Failure,
  failure,
  freshAccess,
  type GrantStore,
  type InstanceEgress,
  type RefreshGrant,
  revokeTokens,
  type Tokens,
  type ToolAuth,
} from '@errand/integrations';
import type { Log, Redact } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';
import { ProblemError } from '@errand/trpc-openapi';
import { createCloud } from './cloud.ts';
import { type GrantKey, grantStore } from './grant-store.ts';
import { askForMore, requiresMore } from './more-scopes.ts';
import { clientSecretOf, forgetClient } from './service-authorization.ts';
import { missingOfUser, type Resolved, VariableStore } from './variables.ts';

// Changes by this process apply at once; changes by other processes within this time.
const TTL_MS = 1000;
const REVOKE_MS = 10_000;
const MOVED_MS = 100;

/** A credential for a call, and whether it belongs to the user or the workspace. */
export type OpenedCredential = { auth: CallAuth; owner?: OpenCredential['owner'] };

/** A credential, or the outcome of the call if there is none. */
type OpenResult = OpenedCredential | { outcome: ToolOutcome };

type Options = { db: Db; egress: InstanceEgress; redact: Redact; log: Pick<Log, 'warn'>; stsUrl?: string };

export const createCredentials = (options: Options): Credentials => new Credentials(options);

/** Credentials of integrations and their users, opened for one call. Every secret that is opened is redacted in the log. */
export class Credentials {
  readonly #tokens = new RecentCache<OpenCredential | null>(TTL_MS);
  readonly #secrets = new RecentCache<Secret | null>(TTL_MS);
  readonly #variables: VariableStore;
  readonly #cloud: ReturnType<typeof createCloud>;
  readonly #grants: GrantStore<GrantKey>;
  readonly #refreshing = new Map<string, Promise<Access>>();

  constructor(private readonly options: Options) {
    const { db, egress, redact, stsUrl } = options;
    this.#cloud = createCloud(egress, redact, stsUrl);
    this.#variables = new VariableStore(db, redact);
    const revokeLost = (key: GrantKey, grant: RefreshGrant, tokens: Tokens) => this.#revokeLost(key, grant, tokens);
    this.#grants = grantStore(db, (key) => this.#secretOf(key), {
      redact,
      revokeLost,
      onStored: (workspaceId) => this.#variables.forget(workspaceId),
    });
  }

  /** The integration with the values of variables for a user: what the other functions take. */
  resolve<Target extends ServiceTarget>(
    key: GrantKey & { connection: Target },
  ): Awaitable<Resolved<Target> | { outcome: ToolOutcome }> {
    const resolved = this.#variables.resolve(key);
    return isPromise(resolved) ? orUnavailable(resolved) : resolved;
  }

  /** Opens the credential for a call by a user, for the origin at which the integration is called. */
  open(key: GrantKey): Awaitable<OpenResult> {
    const { type } = key.connection.auth;
    if (type === 'NONE') return NO_CREDENTIAL;
    const secret = isToken(type) ? this.#tokenOf(key) : undefined;
    if (secret !== undefined && !isPromise(secret)) return this.#toOpened(key, secret);
    return orUnavailable(this.#open(key));
  }

  /**
   * Replaces a credential that the service has refused. A user's credential that remains refused is marked, and the outcome asks the user
   * for another one. A workspace's credential is marked for its owner.
   * @param isRenewed whether the refused credential was itself a replacement
   * @returns another credential, an outcome, or undefined if there is no other
   */
  renew(key: GrantKey, refused: OpenedCredential, outcome: Failure, isRenewed: boolean) {
    return orUnavailable(this.#renew(key, refused, outcome, isRenewed));
  }

  /** RequiredApprovals the user for more scopes, once; see `askForMore`. */
  askForMore(key: GrantKey, outcome: Failure): Promise<ToolOutcome> {
    return askForMore(this.options.db, key, outcome);
  }

  /**
   * Whether the user must give a credential first. False if a stored credential cannot be opened: the user cannot correct that.
   * @param requireLaterScopes whether a consent must also include the scopes that a service required since
   */
  async isMissing(storedKey: GrantKey, requireLaterScopes = false): Promise<boolean> {
    const { type } = storedKey.connection.auth;
    try {
      const resolved = await this.#variables.resolve(storedKey);
      if (missingOfUser(resolved).length > 0 && (await this.#lacksValues(storedKey))) return true;
      const key = { ...storedKey, connection: resolved.connection };
      if (isToken(type)) return await this.#lacksToken(key);
      return type === 'OAUTH2' && (await this.#lacksConsent(key, requireLaterScopes));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return false;
    }
  }

  forget(workspaceId: string): void {
    this.#variables.forget(workspaceId);
    this.#tokens.forget(workspaceId);
    this.#secrets.forget(workspaceId);
  }

  /** Another process may have just stored the values. */
  async #lacksValues(key: GrantKey): Promise<boolean> {
    this.#variables.forget(key.workspaceId);
    return missingOfUser(await this.#variables.resolve(key)).length > 0;
  }

  async #lacksToken(key: GrantKey): Promise<boolean> {
    if (await this.#tokenOf(key)) return false;
    // Another process may have just stored it.
    this.#tokens.forget(key.workspaceId);
    return (await this.#tokenOf(key)) === null;
  }

  async #lacksConsent({ workspaceId, connection, userId }: GrantKey, requireLaterScopes: boolean): Promise<boolean> {
    const { grants } = this.options.db.forWorkspace(workspaceId);
    const grant = await grants.read(connection, userId);
    if (grant === undefined || grant.reconnect !== undefined) return true;
    return requireLaterScopes && requiresMore(await grants.scopes(connection, userId));
  }

  #credentialsOf = (workspaceId: string) => this.options.db.forWorkspace(workspaceId).credentials;

  // The destination is part of the key: a credential is opened for one destination only.
  #tokenOf({ workspaceId, connection, userId }: GrantKey) {
    const destinations = [tokenDestination(connection), secretDestination(connection)];
    const name = JSON.stringify([connection.customerIntegrationId, userId, ...destinations]);
    return this.#tokens.get(workspaceId, name, () => this.#credentialsOf(workspaceId).open(connection, userId));
  }

  async #secretOf({ workspaceId, connection }: GrantKey) {
    const name = JSON.stringify([connection.customerIntegrationId, secretDestination(connection)]);
    const secret = await this.#secrets.get(workspaceId, name, () =>
      clientSecretOf(this.options, workspaceId, connection),
    );
    if (secret) this.options.redact(secret);
    return secret;
  }

  async #revokeLost(
    { workspaceId }: GrantKey,
    { server, client, knobs = {} }: RefreshGrant,
    { accessToken, refreshToken }: Tokens,
  ): Promise<void> {
    const context = { egress: this.options.egress.forWorkspace(workspaceId), signal: timeLimit(REVOKE_MS) };
    const { kind } = await revokeTokens({ server, client, knobs, accessToken, refreshToken }, context);
    if (kind === 'failed')
      this.options.log.warn({ issuer: server.issuer }, 'tokens of an erased user could not be revoked');
  }

  // All calls of this process that need the same grant refreshed wait for one refresh.
  #access(key: GrantKey, rejected?: Secret, isRenewed = false): Promise<Access> {
    const { workspaceId, connection, userId } = key;
    const owner = [workspaceId, connection.customerIntegrationId, userId, grantDestination(connection)];
    const name = JSON.stringify([...owner, rejected?.reveal(), isRenewed]);
    const pending = this.#refreshing.get(name);
    if (pending) return pending;
    const options = {
      egress: this.options.egress.forWorkspace(workspaceId),
      ...(rejected && { rejectedToken: rejected, rejectedWasRefreshed: isRenewed }),
    };
    const refreshing = freshAccess(this.#grants, key, options).finally(() => this.#refreshing.delete(name));
    this.#refreshing.set(name, refreshing);
    return refreshing;
  }

  async #open(key: GrantKey, rejected?: CallAuth, isRenewed = false): Promise<OpenResult> {
    switch (key.connection.auth.type) {
      case 'NONE':
        return NO_CREDENTIAL;
      case 'API_TOKEN':
      case 'BASIC':
        return this.#toOpened(key, await this.#tokenOf(key));
      case 'OAUTH2': {
        const rejectedToken = rejected && 'accessToken' in rejected ? rejected.accessToken : undefined;
        const access = await this.#access(key, rejectedToken, isRenewed);
        if (await this.#hasMoved(key, access)) return { outcome: laterOutcome(key.connection, MOVED_MS) };
        return this.#openGrant(key, access);
      }
      default:
        return this.#openCloud(key, rejected !== undefined);
    }
  }

  /** Whether a refresh has changed the destination since the call read it. Then the call is made again, at the new one. */
  async #hasMoved(key: GrantKey, { kind }: Access): Promise<boolean> {
    const { workspaceId, connection } = key;
    if (connection.userVariables === undefined) return false;
    // Another process may have refreshed the grant.
    if (kind === 'missing') this.#variables.forget(workspaceId);
    const { connection: current } = await this.#variables.resolve(key);
    return grantDestination(current) !== grantDestination(connection);
  }

  #toOpened({ connection, userId }: GrantKey, secret: OpenCredential | null): OpenResult {
    if (!secret) return { outcome: failure('credential_missing', missingToken(connection, userId)) };
    this.options.redact(secret.token);
    const { type, in: part, name, prefix } = connection.auth as Omit<ToolAuth, 'type'> & { type: string };
    const { token, owner } = secret;
    if (type === 'BASIC') return { auth: { type, token: redactedBasic(token, this.options.redact) }, owner };
    return { auth: { type: 'API_TOKEN', in: part, name, prefix, token }, owner };
  }

  async #openGrant({ workspaceId, connection }: GrantKey, access: Access): Promise<OpenResult> {
    if (access.kind === 'access') {
      const { placement } = connection.auth as OAuthKnobs;
      return { auth: { type: 'OAUTH2', accessToken: access.accessToken, placement }, owner: 'user' };
    }
    if (access.kind === 'later') return { outcome: laterOutcome(connection, access.retryAfterMs) };
    if (access.kind === 'reconnect' && access.reason === 'invalid_client')
      await forgetClient(this.options.db, workspaceId, connection);
    return { outcome: failure('credential_missing', `${connection.name} needs the consent of the user.`) };
  }

  async #openCloud(key: GrantKey, isRejected: boolean): Promise<OpenResult> {
    const { connection } = key;
    const secret = await this.#secretOf(key);
    if (!secret) return { outcome: failure('credential_unavailable', missingSecret(connection)) };
    const opened = await this.#cloud.open({ ...key, secret }, isRejected);
    if ('auth' in opened) return { ...opened, owner: 'workspace' };
    if (opened.kind === 'later') return { outcome: laterOutcome(connection, opened.retryAfterMs) };
    const message = `The credential of ${connection.name} is not accepted: ${opened.reason}.`;
    return { outcome: failure('credential_rejected', message) };
  }

  /** Marks a refused token, unless another token was stored in the meantime: then that one is used. */
  async #replace(key: GrantKey, { auth, owner }: OpenedCredential, outcome: Failure): Promise<OpenResult> {
    const { workspaceId, connection, userId } = key;
    const { token } = auth as { token: Secret };
    this.#tokens.forget(workspaceId);
    const isMarked =
      owner === 'user'
        ? await this.#credentialsOf(workspaceId).rejectUserToken(connection, userId, token)
        : await this.#credentialsOf(workspaceId).rejectOwnSecret(connection, token);
    this.#tokens.forget(workspaceId);
    if (!isMarked) return this.#open(key);
    if (owner === 'workspace') return { outcome: { ...outcome, message: refusedToken(connection) } };
    const message = `${connection.name} does not accept the user's token.`;
    return { outcome: { ...outcome, code: 'credential_missing', message } };
  }

  async #renew(key: GrantKey, refused: OpenedCredential, outcome: Failure, isRenewed: boolean) {
    switch (refused.auth.type) {
      case 'NONE':
        return undefined;
      case 'API_TOKEN':
      case 'BASIC':
        return this.#replace(key, refused, outcome);
      case 'OAUTH2':
        return this.#open(key, refused.auth, isRenewed);
      default: {
        if (!isRenewed) return this.#open(key, refused.auth);
        const secret = await this.#secretOf(key);
        if (secret) await this.#credentialsOf(key.workspaceId).rejectOwnSecret(key.connection, secret);
        return undefined;
      }
    }
  }
}

/** Whether the credential is a text that a user or the owner stored. */
const isToken = (type: string): boolean => type === 'API_TOKEN' || type === 'BASIC';

/** The password of `user:password` is redacted too, without the user name. */
function redactedBasic(token: Secret, redact: Redact): Secret {
  const text = token.reveal();
  redact(new Secret(text.slice(text.indexOf(':') + 1)));
  return token;
}

const NO_CREDENTIAL: OpenedCredential = { auth: { type: 'NONE' } };

/** Only an operator can correct a credential that cannot be opened, so the call fails without asking the user. */
async function orUnavailable<T>(work: Promise<T>): Promise<T | { outcome: ToolOutcome }> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'credential_unavailable') throw error;
    return { outcome: failure('credential_unavailable', 'The stored credential cannot be opened. Store it again.') };
  }
}

const missingToken = ({ name, customerIntegrationId }: ServiceTarget, userId: string) =>
  `${name} needs a token, and neither the user nor the workspace has a usable one. PUT it to /v1/integrations/${customerIntegrationId}/users/${encodeURIComponent(userId)}/credentials, or PATCH the integration's auth.`;

const missingSecret = ({ name, customerIntegrationId }: ServiceTarget) =>
  `${name} has no secret for the origin at which it is called now. Its owner sets it: auth of PATCH /v1/integrations/${customerIntegrationId}.`;

const refusedToken = ({ name, customerIntegrationId }: ServiceTarget) =>
  `${name} does not accept the token of the workspace. Its owner sets another one: auth of PATCH /v1/integrations/${customerIntegrationId}.`;

const laterOutcome = ({ name }: ServiceTarget, retryAfterMs: number): ToolOutcome =>
  failure('upstream_unreachable', `The server that issues the credential of ${name} does not answer now.`, {
    retryable: true,
    retryAfterMs,
  });
