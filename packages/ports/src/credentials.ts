import type { CreateRunInput, Json, Secret, VariableValues } from '@errand/contracts';
import type { BearerChallenge, OAuthHints, ServiceTarget } from './service-auth.ts';

/** The known facts about the authorization server of an MCP server. */
export type ServiceHints = {
  /** The owner's settings; they override everything else. */
  ownerHints: OAuthHints;
  challenge?: BearerChallenge;
  /** The stored issuer: preferred where the server names several. */
  knownIssuer?: string;
  /** Assume that there is an authorization server, at the paths of revision 2025-03-26 if the server names none. */
  assumesServer: boolean;
  /** Register a client, too: the owner has named none. */
  registersClient: boolean;
};

/**
 * An authorization server, as it is stored. `foreign`: the MCP server names one of another site, at which no client was registered.
 * `later`: it does not answer now. `why` is a sentence.
 */
export type AuthorizationLookup =
  | { kind: 'found'; server: Json }
  | { kind: 'foreign'; server: Json; issuer: string; why: string }
  | { kind: 'none' }
  | { kind: 'later'; why: string; server?: Json };

/** A request for consent, stored sealed until the browser returns, for ten minutes at most, and used once. */
export type PendingAuthorization = {
  /** SHA-256 of the state, in base64url; it identifies the callback. */
  stateHash: string;
  verifier: Secret;
  nonce?: Secret;
  issuer?: string;
  redirectUri: string;
  scope?: string;
};

export type IssuedGrant = {
  accessToken: Secret;
  /** Absent when the server issues none: then the user must consent again once the access token expires. */
  refreshToken?: Secret;
  /** Absent when the server does not name it. */
  expiresAt?: Date;
  scope?: string;
  /** The requested scopes, if any. */
  askedScope?: string;
  issuer?: string;
  /** Values of variables for the user that the server, its callback or a look-up named. */
  variables?: VariableValues;
};

export interface Connector {
  /**
   * Discovers the metadata of an authorization server.
   * @returns JSON that is stored with the integration
   * @throws ProblemError url_not_allowed, oauth_issuer_mismatch, oauth_failed
   */
  discover(workspaceId: string, hints: OAuthHints): Promise<Json>;
  /** The same for a token endpoint alone. */
  discoverTokens(workspaceId: string, hints: Pick<OAuthHints, 'issuer' | 'tokenUrl'>): Promise<Json>;
  /**
   * Finds the authorization server of an MCP server, and a client of this service there, which it registers if necessary. It is `foreign`
   * when it is of another site than the MCP server, unless the owner named it in `given`: then the owner must confirm it.
   * @throws ProblemError url_not_allowed, oauth_issuer_mismatch; oauth_failed, also when the owner must register a client
   */
  findAuthorization(workspaceId: string, url: string, hints: ServiceHints): Promise<AuthorizationLookup>;
  /** Returns the server with a usable client: the present one, or a new one. */
  withClient(workspaceId: string, server: Json): Promise<AuthorizationLookup>;
  /** The client metadata document of this service; undefined where authorization servers cannot read it. */
  clientDocument(): { [member: string]: Json } | undefined;
  /** The fault of the key file of a service account; undefined when it is valid. */
  faultOfKeyFile(key: Secret): Promise<string | undefined>;
  /** The URL for the browser, and the state to store until the browser returns. @throws ProblemError oauth_failed, url_not_allowed */
  authorize(
    workspaceId: string,
    service: ServiceTarget,
    scopes: readonly string[],
  ): Promise<{ url: URL; pending: PendingAuthorization }>;
  /**
   * Exchanges the query of a callback for tokens.
   * @throws ProblemError oauth_state_invalid, oauth_issuer_mismatch, oauth_denied, oauth_failed
   */
  redeem(
    workspaceId: string,
    service: ServiceTarget,
    callback: URLSearchParams,
    pending: PendingAuthorization,
  ): Promise<IssuedGrant>;
  /** Revokes tokens if the server can. Never throws: a failure is logged. */
  revoke(workspaceId: string, service: ServiceTarget, grant: IssuedGrant): Promise<void>;
}

/** accepted: the service answered with success. rejected: it refused the credential. unknown: any other answer, no answer, or no call. */
export type TrialResult = 'accepted' | 'rejected' | 'unknown';

/** `account`: the account, as the service names it. */
export type TokenTrial = { result: TrialResult; account?: string };

/** Tries a token at its service before it is stored, by a call that changes nothing, where there is one. */
export type TryToken = (workspaceId: string, service: ServiceTarget, token: Secret) => Promise<TokenTrial>;

/** `of`: the owner of the credential that was sent. `notTried`: why nothing was called. */
export type Trial = TokenTrial & {
  tool?: string;
  status?: number;
  of?: 'user' | 'workspace';
  notTried?: 'no_tool' | 'no_credential' | 'busy';
};

/** Tries the stored credential of a user, otherwise that of the workspace, by the operation that its rules name, otherwise by an enabled read. */
export type TryIntegration = (
  workspaceId: string,
  service: ServiceTarget,
  choice: { userId?: string | undefined; tool?: string | undefined },
) => Promise<Trial>;

/** Seals the headers and parameters that callers pass through to integrations, for one run. */
export interface PassThroughs {
  /**
   * @returns the sealed bytes; undefined when nothing is passed
   * @throws ProblemError validation_failed naming entries that may not be sent, and integrations that are not selected
   */
  seal(
    workspaceId: string,
    runId: string,
    input: Pick<CreateRunInput, 'passThrough' | 'selectedCustomerIntegrationIds' | 'userId'>,
  ): Promise<Buffer | undefined>;
}
