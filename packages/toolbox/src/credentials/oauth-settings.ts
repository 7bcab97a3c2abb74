import { type OAuthKnobs, problem, type Secret, type Variable, variablesIn } from '@errand/contracts';
import { expandKnown, expandUrl, valuesFor } from '@errand/contracts/variable-values';
import type { OAuthClient } from '@errand/integrations';
import type { ServiceTarget } from '@errand/ports/service-auth';
import type { StoredAuthorization } from './service-authorization.ts';

/** The public part of an integration's `auth` of type OAUTH2. */
export type OAuthAuth = OAuthKnobs & {
  type: 'OAUTH2';
  /** Absent if this service registered the client: then it is stored with the authorization server. */
  clientId?: string;
  clientAuthentication?: NonNullable<OAuthClient['clientAuthentication']>;
  scopes: string[];
  resource?: string;
  audience?: string;
  parameters?: Record<string, string>;
};

type Texts = Readonly<Record<string, string>>;

/** An integration's authorization server with the known values of variables, and the client of this service there. */
export function oauthOf(connection: ServiceTarget, clientSecret: Secret | null) {
  const auth = connection.auth as unknown as OAuthAuth;
  const { clientId, clientAuthentication, resource, audience } = auth;
  const values = valuesFor(connection.variables ?? {}, connection.userVariables);
  const server = serverWith(connection.oauthServer as unknown as StoredAuthorization, values);
  const registration = clientId === undefined ? server.client : { clientId, clientAuthentication };
  const client: OAuthClient = {
    clientId: registration?.clientId ?? '',
    ...(clientSecret && { clientSecret }),
    ...(registration?.clientAuthentication && { clientAuthentication: registration.clientAuthentication }),
  };
  const knobs = knobsWith(auth, values);
  const parameters = auth.parameters && expandTexts(auth.parameters, values);
  return { server, client, resource: resource ?? server.resource, audience, knobs, parameters };
}

/** A URL with an unknown value stays as it is: the egress refuses it. */
const expandKnownUrl = (url: string, values: Texts): string =>
  variablesIn(url).length === 0 ? url : (expandUrl(url, values) ?? url);

const expandTexts = (texts: Texts, values: Texts): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, expandKnown(text, values)]));

function serverWith(server: StoredAuthorization, values: Texts): StoredAuthorization {
  const { authorizationUrl, tokenUrl, revocationUrl } = server;
  return {
    ...server,
    authorizationUrl: expandKnownUrl(authorizationUrl, values),
    tokenUrl: expandKnownUrl(tokenUrl, values),
    ...(revocationUrl !== undefined && { revocationUrl: expandKnownUrl(revocationUrl, values) }),
  };
}

/** The knobs with the known values of variables. */
export function knobsWith(
  { pkce, scopeSeparator, rename, tokenRequest, tokenAnswer, exchange, placement }: OAuthKnobs,
  values: Texts,
): OAuthKnobs {
  const { parameters, headers, refreshUrl } = tokenRequest ?? {};
  return {
    ...(pkce && { pkce }),
    ...(scopeSeparator && { scopeSeparator }),
    ...(rename && { rename }),
    ...(tokenAnswer && { tokenAnswer }),
    ...(placement && { placement }),
    ...(tokenRequest && {
      tokenRequest: {
        ...tokenRequest,
        ...(parameters && { parameters: expandTexts(parameters, values) }),
        ...(headers && { headers: expandTexts(headers, values) }),
        ...(refreshUrl !== undefined && { refreshUrl: expandKnownUrl(refreshUrl, values) }),
      },
    }),
    ...(exchange && {
      exchange: {
        ...exchangeWith(exchange, values),
        ...(exchange.refresh && { refresh: exchangeWith(exchange.refresh, values) }),
      },
    }),
  };
}

const exchangeWith = <T extends { url: string; parameters?: Texts | undefined }>(request: T, values: Texts): T => ({
  ...request,
  url: expandKnownUrl(request.url, values),
  ...(request.parameters && { parameters: expandTexts(request.parameters, values) }),
});

/** @throws ProblemError oauth_failed if a URL lacks the value of a variable */
export function checkIsComplete(url: string, { name, variables = {} }: ServiceTarget): void {
  const [missing] = variablesIn(url);
  if (missing === undefined) return;
  const title = (variables[missing] as Variable | undefined)?.title ?? missing;
  throw problem('oauth_failed', `${name} needs a value for ${title} before you can connect.`);
}
