// Settings for authorization servers that deviate from OAuth 2.0.
import { z } from 'zod';
import { doc, oneOf, optionalInputText, optionalOneOf } from '../../base/fields.ts';
import { answerPath, urlTemplate } from '../variables/variables.ts';

const parameterName = z.string().regex(/^[\w.-]{1,100}$/, 'Must be a parameter name.');
export const oauthParameters = z
  .record(parameterName, z.string().max(2_000))
  .refine((parameters) => Object.keys(parameters).length <= 50, 'At most 50 parameters.');

const lineRecord = z
  .record(
    z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'Must be a header name.'),
    z
      .string()
      .max(2_000)
      .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'Must be one line of characters that a header may contain.'),
  )
  .refine((headers) => Object.keys(headers).length <= 20, 'At most 20 headers.');

const TokenRequest = z
  .strictObject({
    body: optionalOneOf(['form', 'json'], 'The form of the body. Default: form.', 'json'),
    parameters: oauthParameters.optional().meta(doc('More parameters of token requests.', { expiring: '1' })),
    headers: lineRecord.optional().meta(doc('More headers of token requests.', { 'Notion-Version': '2022-06-28' })),
    refreshUrl: urlTemplate
      .optional()
      .meta(doc('Where tokens are refreshed. Default: tokenUrl.', 'https://auth.example.com/refresh')),
  })
  .meta({ id: 'TokenRequest', description: 'How tokens are requested.' });

const TokenPlacement = z
  .strictObject({
    in: oneOf(['header', 'query'], 'Where calls send the access token.', 'header'),
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'Must be a header or parameter name.')
      .meta(doc('Name of the header or parameter.', 'X-Shopify-Access-Token')),
    prefix: optionalInputText(100, 'Text before the token.', 'Bearer '),
  })
  .meta({ id: 'TokenPlacement', description: 'Where calls send the access token. Default: Authorization: Bearer.' });

const TokenAnswer = z
  .strictObject({
    path: answerPath
      .optional()
      .meta(doc('The object in the answer that has access_token and the other members.', 'authed_user')),
    lifetimeSeconds: z
      .int()
      .min(60)
      .max(315_360_000)
      .optional()
      .meta(doc('Lifetime of access tokens if the answer has no expires_in.', 3600)),
  })
  .meta({ id: 'TokenAnswer', description: 'Where the tokens are in an answer.' });

const exchangeRequest = {
  url: urlTemplate.meta(doc('Where to exchange it.', 'https://graph.example.com/access_token')),
  method: z.enum(['GET', 'POST']).default('GET').meta(doc('Its method.', 'GET')),
  parameters: oauthParameters.optional().meta(
    doc('Its parameters. {accessToken}, {clientId} and {clientSecret} stand for these.', {
      grant_type: 'fb_exchange_token',
      fb_exchange_token: '{accessToken}',
    }),
  ),
};

const TokenExchange = z
  .strictObject({
    ...exchangeRequest,
    refresh: z.strictObject(exchangeRequest).optional().meta({
      description:
        'How a token without a refresh token is renewed, when a quarter of its lifetime is left. Default: the same request with the present token.',
    }),
  })
  .meta({ id: 'TokenExchange', description: 'Exchanges the first access token for one that lives longer.' });

export const ClientAuthentication = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_basic_unencoded',
  'secret_as_user',
  'none',
] as const;

/** The standard parameters that a server may call otherwise. */
export const RENAMED = [
  'client_id',
  'client_secret',
  'code',
  'redirect_uri',
  'refresh_token',
  'response_type',
  'scope',
  'state',
] as const;

/** Fields of OAUTH2 for servers that deviate from the standard. */
export const oauthKnobs = {
  pkce: optionalOneOf(['S256', 'off'], 'off: for servers that refuse PKCE. Default: S256.', 'off'),
  scopeSeparator: z.enum([' ', ',', '+', ';']).optional().meta(doc('The text between scopes. Default: a space.', ',')),
  rename: z
    .partialRecord(z.enum(RENAMED), parameterName)
    .optional()
    .meta(doc('Other names of standard parameters, in requests and in the callback.', { client_id: 'client_key' })),
  tokenRequest: TokenRequest.optional(),
  placement: TokenPlacement.optional(),
  tokenAnswer: TokenAnswer.optional(),
  exchange: TokenExchange.optional(),
};

/** How an authorization server deviates from the standard, as it is stored. */
export type OAuthKnobs = z.infer<z.ZodObject<typeof oauthKnobs>>;
