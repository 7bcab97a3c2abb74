import type { AuthType, Json, RequestSettings, Rules, Variable, VariableValues } from '@errand/contracts';

export type PublicAuth = { type: AuthType; [field: string]: Json | undefined };

/** The fields of an integration that determine where its credentials are sent. */
export type ServiceTarget = {
  customerIntegrationId: string;
  name: string;
  /** A template: `{name}` stands for a variable. */
  baseUrl: string;
  auth: PublicAuth;
  /** The metadata of its authorization server, as stored. */
  oauthServer?: Json;
  /** The user with whose credential its tools were read last. */
  toolsUserId?: string;
  /** Variables with the values of the owner, and the values of one user; both without secret values. */
  variables?: Readonly<Record<string, Variable>>;
  userVariables?: VariableValues;
  /** Values of every request. */
  requestSettings?: RequestSettings;
  /** How its answers are read. */
  rules?: Rules;
};

export type TokenLocation = { in: 'header' | 'query'; name: string; prefix: string };

/** The known facts about an authorization server before discovery. */
export type OAuthHints = {
  /** With an issuer, only its metadata counts. */
  issuer?: string;
  openIdConnectUrl?: string;
  authorizationUrl?: string;
  tokenUrl?: string;
  revocationUrl?: string;
  /** False if the owner has switched PKCE off. */
  usesPkce?: boolean;
};

/** The OAuth 2.0 scheme of a document. `scopes`: the scopes that its operations require. */
export type OAuthScheme = Pick<OAuthHints, 'authorizationUrl' | 'tokenUrl' | 'openIdConnectUrl'> & {
  scopes: string[];
  /** Whether the client itself gets tokens: the flow is clientCredentials. */
  isOfClient?: boolean;
};

/** The WWW-Authenticate of a server that requires another credential (RFC 6750 §3, RFC 9728 §5.1). */
export type BearerChallenge = {
  scopes?: string[];
  resourceMetadataUrl?: string;
};
