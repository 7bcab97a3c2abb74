import { withoutTrailing } from '@errand/basics/text-end';
import type { AuthType, Json, OAuthKnobs, VariableValues } from '@errand/contracts';
import { type Definitions, expandKnown, isOfOwner, valuesFor } from '@errand/contracts/variable-values';

/** Authentication settings without secrets, which are sealed in separate columns. */
export type PublicAuth = { type: AuthType; [field: string]: Json | undefined };

/** The fields that determine the destination of credentials. */
export type Target = {
  customerIntegrationId: string;
  /** A template: `{name}` stands for a variable. */
  baseUrl: string;
  auth: PublicAuth;
  oauthServer?: Json;
  /** With the values of the owner, except secret ones. */
  variables?: Definitions;
  /** The values of one user, except secret ones; absent: the target is the same for all users. */
  userVariables?: VariableValues;
};

export const targetSelect = {
  customerIntegrationId: true,
  baseUrl: true,
  auth: true,
  oauthServer: true,
  variables: true,
} as const;

type TargetRow = {
  customerIntegrationId: string;
  baseUrl: string;
  auth: unknown;
  oauthServer: unknown;
  variables: unknown;
};

/** @param userVariables values of one user, as stored */
export const toTarget = (row: TargetRow, userVariables?: unknown): Target => ({
  customerIntegrationId: row.customerIntegrationId,
  baseUrl: row.baseUrl,
  auth: row.auth as PublicAuth,
  variables: row.variables as Definitions,
  ...(row.oauthServer !== null && { oauthServer: row.oauthServer as Json }),
  ...(userVariables !== undefined && { userVariables: userVariables as VariableValues }),
});

/** Whether users have values of their own. */
export const hasUserVariables = ({ variables = {} }: Pick<Target, 'variables'>): boolean =>
  Object.values(variables).some((variable) => !isOfOwner(variable));

/** The values for the user of a target, or those of the owner alone. Secret values are not in destinations. */
const valuesOf = ({
  variables = {},
  userVariables,
}: Pick<Target, 'variables' | 'userVariables'>): Record<string, string> =>
  userVariables ? valuesFor(variables, userVariables) : ownerValuesOf(variables);

/** The values of the owner, except secret ones. */
export const ownerValuesOf = (variables: Definitions): Record<string, string> =>
  valuesFor(Object.fromEntries(Object.entries(variables).filter(([, variable]) => isOfOwner(variable))));

/** The origin of a template: its first variable, or scheme, host and port. */
const ORIGIN = /^(?:\{\w+\}|[a-z]+:\/\/[^/?#]*)/i;

/**
 * A token is bound to the origin of the integration at the time of storing. If the base URL has variables of users, the token of a user is
 * bound to the whole base URL with the values of the user, and other secrets to the template.
 */
export function tokenDestination(target: Pick<Target, 'baseUrl' | 'variables' | 'userVariables'>): string {
  const { baseUrl, variables = {} } = target;
  const values = valuesOf(target);
  const usesUser = Object.entries(variables).some(([name, of]) => !isOfOwner(of) && baseUrl.includes(`{${name}}`));
  if (usesUser) return withoutTrailing(expandKnown(baseUrl, values), '/');
  const origin = expandKnown(ORIGIN.exec(baseUrl)?.[0] ?? baseUrl, values);
  return URL.canParse(origin) ? new URL(origin).origin : origin;
}

/** A consent is bound to the origin, the client and the authorization server, with all URLs that get its tokens. */
export function grantDestination(target: Target): string {
  const lookUps = lookUpUrls(target);
  const parts = [tokenDestination(target), ...oauthClientOf(target)];
  return JSON.stringify(lookUps.length === 0 ? parts : [...parts, { lookUps }]);
}

/** The types whose secret authenticates the client. */
const CLIENT_TYPES: ReadonlySet<string> = new Set(['OAUTH2', 'CLIENT_CREDENTIALS']);

/** A client secret is bound to the authorization server, any other secret of an integration to the origin. It is the same for all users. */
export function secretDestination({ userVariables: _, ...target }: Target): string {
  if (!CLIENT_TYPES.has(target.auth.type)) return ownerDestination(target);
  const client = oauthClientOf(target);
  const rules = siteRules(JSON.stringify(client), target.variables);
  return JSON.stringify(rules.length === 0 ? client : [...client, { rules }]);
}

/** The secret values of the owner are bound to the origin. */
export const variablesDestination = ({ userVariables: _, ...target }: OwnerTarget): string => ownerDestination(target);

type OwnerTarget = Pick<Target, 'baseUrl' | 'variables' | 'userVariables'>;

/** The origin; if users choose a part of it, also the rules for their choice. */
function ownerDestination(target: Omit<OwnerTarget, 'userVariables'>): string {
  const destination = tokenDestination(target);
  const rules = siteRules(destination, target.variables);
  return rules.length === 0 ? destination : JSON.stringify([destination, { rules }]);
}

/** The rules for the values of users in a text: they fix the site to which a secret of the owner is sent. */
const siteRules = (text: string, variables: Definitions = {}): Json[] =>
  Object.entries(variables).flatMap(([name, variable]) => {
    if (isOfOwner(variable) || !text.includes(`{${name}}`)) return [];
    const { pattern = null, enum: choices = null, default: standard = null } = variable;
    return [[name, pattern, choices, standard]];
  });

/** Whether a consent belongs to the current authorization server, at any origin. */
export const isOfSameServer = (destination: string, target: Target): boolean =>
  destination.startsWith('[') &&
  JSON.stringify((JSON.parse(destination) as Json[]).slice(1, 1 + SERVER_PARTS)) ===
    JSON.stringify(oauthClientOf(target).slice(0, SERVER_PARTS));

/** Issuer, token and revocation URL, and client. */
const SERVER_PARTS = 4;

/** The fields that determine the destination of a refresh token or client secret. The client may have registered itself. */
function oauthClientOf(target: Target): Json[] {
  const { auth, oauthServer } = target;
  const { issuer = null, tokenUrl = null, revocationUrl = null, client } = (oauthServer ?? {}) as Record<string, Json>;
  const { clientId = null } = (client ?? {}) as Record<string, Json>;
  const values = valuesOf(target);
  const expanded = (url: Json): Json => (typeof url === 'string' ? expandKnown(url, values) : url);
  const { tokenRequest, exchange } = auth as OAuthKnobs;
  const further = [tokenRequest?.refreshUrl, exchange?.url, exchange?.refresh?.url];
  const server = [issuer, expanded(tokenUrl), expanded(revocationUrl), auth.clientId ?? clientId];
  const hasFurther = further.some((url) => url !== undefined);
  return hasFurther ? [...server, further.map((url) => expanded(url ?? null))] : server;
}

/** The URLs to which a consent sends its access token for values of variables. */
function lookUpUrls(target: Target): string[] {
  const values = valuesOf(target);
  return Object.values(target.variables ?? {}).flatMap(({ from, request }) =>
    from === 'lookup' && request ? [expandKnown(request.url, values)] : [],
  );
}
