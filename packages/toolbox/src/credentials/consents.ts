import { timeLimit } from '@errand/basics/time-limit';
import { problem } from '@errand/contracts';
import type { Db } from '@errand/db';
import {
  findEgressError,
  type InstanceEgress,
  redeemCode,
  revokeTokens,
  scopesToRequest,
  startAuthorization,
  type Tokens,
  UnknownClient,
  urlNotAllowed,
} from '@errand/integrations';
import type { Connector, IssuedGrant, PendingAuthorization } from '@errand/ports/credentials';
import type { Log, Redact } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';
import { checkIsComplete, oauthOf } from './oauth-settings.ts';
import { clientSecretOf, forgetClient, redirectUriOf } from './service-authorization.ts';
import { answerValues, callbackValues, lookedUpValues, withValues } from './variable-sources.ts';

const REVOKE_MS = 10_000;

export type ConsentDeps = {
  db: Db;
  egress: InstanceEgress;
  redact: Redact;
  log: Pick<Log, 'warn'>;
  publicUrl: () => string;
};

/** Begins, completes and revokes consents at authorization servers. */
export class Consents implements Pick<Connector, 'authorize' | 'redeem' | 'revoke'> {
  constructor(private readonly deps: ConsentDeps) {}

  async authorize(workspaceId: string, connection: ServiceTarget, scopes: readonly string[]) {
    const { redact, publicUrl } = this.deps;
    // The secret is for the token endpoint only.
    const oauth = oauthOf(connection, null);
    await this.#checkPage(workspaceId, connection, oauth.server.authorizationUrl);
    const { url, state, pending } = await startAuthorization({
      ...oauth,
      redirectUri: redirectUriOf(publicUrl()),
      scopes: scopesToRequest([scopes], oauth.server),
    });
    for (const secret of [state, pending.verifier]) redact(secret);
    return { url, pending };
  }

  async redeem(
    workspaceId: string,
    connection: ServiceTarget,
    callback: URLSearchParams,
    pending: PendingAuthorization,
  ): Promise<IssuedGrant> {
    const egress = this.deps.egress.forWorkspace(workspaceId);
    // A refusal has no values, and is reported as such.
    const isRefusal = callback.has('error');
    const fromCallback = isRefusal ? {} : callbackValues(connection, callback);
    const target = withValues(connection, fromCallback);
    const { answer, ...grant } = await this.#tokens(workspaceId, target, callback, pending);
    try {
      const fromAnswer = answerValues(target, answer);
      const found = await lookedUpValues(withValues(target, fromAnswer), grant.accessToken, { egress });
      return { ...grant, askedScope: pending.scope, variables: { ...fromCallback, ...fromAnswer, ...found } };
    } catch (error) {
      // The tokens are of no use without the values.
      await this.revoke(workspaceId, target, grant);
      throw findEgressError(error) ? unansweredLookUp(connection, error) : error;
    }
  }

  async revoke(
    workspaceId: string,
    connection: ServiceTarget,
    { accessToken, refreshToken }: Pick<IssuedGrant, 'accessToken' | 'refreshToken'>,
  ): Promise<void> {
    const { log } = this.deps;
    const egress = this.deps.egress.forWorkspace(workspaceId);
    const { customerIntegrationId } = connection;
    try {
      const clientSecret = await clientSecretOf(this.deps, workspaceId, connection);
      const { server, client, knobs } = oauthOf(connection, clientSecret);
      const context = { egress, signal: timeLimit(REVOKE_MS) };
      const { kind } = await revokeTokens({ server, client, knobs, accessToken, refreshToken }, context);
      if (kind === 'failed') log.warn({ workspaceId, customerIntegrationId }, 'tokens could not be revoked');
    } catch (error) {
      log.warn({ workspaceId, customerIntegrationId, err: error }, 'tokens could not be revoked');
    }
  }

  /** Values of users can change the page, so it is checked again. @throws ProblemError oauth_failed, url_not_allowed */
  async #checkPage(workspaceId: string, connection: ServiceTarget, url: string): Promise<void> {
    checkIsComplete(url, connection);
    await this.deps.egress
      .forWorkspace(workspaceId)
      .checkUrl(url)
      .catch((cause) => {
        throw urlNotAllowed(cause, undefined, 'The page of the authorization server may not be called.');
      });
  }

  async #tokens(
    workspaceId: string,
    target: ServiceTarget,
    callback: URLSearchParams,
    pending: PendingAuthorization,
  ): Promise<Tokens> {
    const { db, redact } = this.deps;
    const egress = this.deps.egress.forWorkspace(workspaceId);
    const oauth = oauthOf(target, await clientSecretOf(this.deps, workspaceId, target));
    if (!callback.has('error')) checkIsComplete(oauth.server.tokenUrl, target);
    try {
      const tokens = await redeemCode({ ...oauth, callback, pending }, { egress });
      redact(tokens.accessToken);
      if (tokens.refreshToken) redact(tokens.refreshToken);
      return tokens;
    } catch (error) {
      if ((error as Error).cause instanceof UnknownClient) await forgetClient(db, workspaceId, target);
      throw error;
    }
  }
}

const unansweredLookUp = ({ name }: ServiceTarget, cause: unknown) =>
  problem('oauth_failed', `${name} did not answer after the consent. Start the authorization again.`, { cause });
