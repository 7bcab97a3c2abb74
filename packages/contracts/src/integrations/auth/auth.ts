// How an integration authenticates at its service.
import { z } from 'zod';
import {
  doc,
  inputText,
  optionalFlag,
  optionalInputText,
  optionalNonEmptyText,
  optionalOneOf,
  optionalText,
} from '../../base/fields.ts';
import { MAX_URL } from '../../base/scalars.ts';
import { urlTemplate } from '../variables/variables.ts';
import { ClientAuthentication, oauthKnobs, oauthParameters } from './oauth-settings.ts';

export const AuthType = z
  .enum([
    'NONE',
    'API_TOKEN',
    'BASIC',
    'OAUTH2',
    'CLIENT_CREDENTIALS',
    'AWS_ASSUME_ROLE',
    'GOOGLE_SERVICE_ACCOUNT_OAUTH',
  ])
  .meta({
    id: 'AuthType',
    description: 'How calls authenticate at the service.',
    examples: ['API_TOKEN'],
  });
export type AuthType = z.infer<typeof AuthType>;

/** A secret in a header. */
export const tokenText = z
  .string()
  .min(1)
  .max(16_384)
  .regex(/^[^\r\n\0]+$/, 'Must be one line.')
  .meta(doc('The secret. Stored sealed and never returned.', 'crm_…'));

export const httpUrl = z.url({ protocol: /^https?$/, error: 'Must be an http(s) URL.' }).max(MAX_URL);
const secretText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\0]+$/, 'Must hold no NUL.');
const scopes = z
  .array(
    z
      .string()
      .max(500)
      .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'Must be a scope: printable, without spaces.'),
  )
  .max(200);

const OAuth2Auth = z.strictObject({
  type: z.literal('OAUTH2').meta({
    description: 'Each user consents at an authorization server (authorization code).',
  }),
  issuer: httpUrl.optional().meta({
    description:
      'The authorization server; its metadata gives the endpoints. Default: the security scheme of the OpenAPI document, or the one that the MCP server names.',
    examples: ['https://auth.example.com'],
  }),
  authorizationUrl: urlTemplate
    .optional()
    .meta(doc('Authorization endpoint, for a server without metadata.', 'https://auth.example.com/authorize')),
  tokenUrl: urlTemplate
    .optional()
    .meta(doc('Token endpoint, for a server without metadata.', 'https://auth.example.com/token')),
  revocationUrl: urlTemplate
    .optional()
    .meta(doc('Revocation endpoint, for a server without metadata.', 'https://auth.example.com/revoke')),
  clientId: optionalNonEmptyText(
    1000,
    'The client id at the authorization server. An MCP server needs none if its authorization server registers clients by itself.',
    'errand',
  ),
  clientSecret: secretText(4000)
    .optional()
    .meta(doc('The client secret; absent for a public client. Stored sealed and never returned.', 's3cr3t')),
  clientAuthentication: optionalOneOf(
    ClientAuthentication,
    "How the secret is sent. client_secret_basic_unencoded: in HTTP Basic as it is, for servers that do not decode it. secret_as_user: as the user of HTTP Basic, without a password. Default: as the server's metadata says, else client_secret_basic.",
    'client_secret_basic',
  ),
  ...oauthKnobs,
  scopes: scopes.optional().meta({
    description:
      'The scopes to request from users. Default: those of the operations in the document, or those that the MCP server requires.',
    examples: [['calendar.read', 'calendar.write']],
  }),
  resource: httpUrl.optional().meta({
    description: 'The service that tokens are for (RFC 8707), if the authorization server requires it.',
    examples: ['https://api.example.com/'],
  }),
  audience: optionalNonEmptyText(
    2_000,
    'The same as resource, for servers that call it audience.',
    'https://api.example.com/',
  ),
  parameters: oauthParameters.optional().meta({
    description:
      'More parameters of the authorization request. One with the name of a standard parameter is ignored when Errand sends that one.',
    examples: [{ access_type: 'offline', prompt: 'consent' }],
  }),
});

/** A user name of HTTP Basic. */
export const BasicUser = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[^:\r\n\0]+$/, 'Must be one line without a colon.');

const BasicAuth = z.strictObject({
  type: z.literal('BASIC').meta({ description: 'A user name and a password, in the header Authorization.' }),
  user: BasicUser.optional().meta(doc('User name for all users without a credential of their own.', 'AC…')),
  password: tokenText.optional().meta({ description: 'Its password. Stored sealed and never returned.' }),
  userTitle: optionalNonEmptyText(100, 'What the service calls the user name, for people.', 'Account SID'),
  passwordTitle: optionalNonEmptyText(100, 'What the service calls the password, for people.', 'Auth token'),
});

const ClientCredentialsAuth = z.strictObject({
  type: z.literal('CLIENT_CREDENTIALS').meta({
    description: 'Errand itself gets tokens (OAuth 2.0 client credentials), for all users.',
  }),
  issuer: httpUrl
    .optional()
    .meta(doc('The authorization server; its metadata gives tokenUrl.', 'https://auth.example.com')),
  tokenUrl: urlTemplate
    .optional()
    .meta(doc('Token endpoint. Default: that of the document or of the issuer.', 'https://auth.example.com/token')),
  clientId: inputText(1000, 'The client id at the authorization server.', 'errand'),
  clientSecret: secretText(4000).meta(doc('The client secret. Stored sealed and never returned.', 's3cr3t')),
  clientAuthentication: optionalOneOf(
    ['client_secret_basic', 'client_secret_post', 'client_secret_basic_unencoded', 'secret_as_user'],
    'How the secret is sent. Default: client_secret_basic.',
    'client_secret_post',
  ),
  grantType: optionalNonEmptyText(200, 'Another grant type than client_credentials.', 'account_credentials'),
  scopes: scopes.optional().meta({ description: 'The scopes of the tokens.', examples: [['reports.read']] }),
  scopeSeparator: oauthKnobs.scopeSeparator,
  resource: httpUrl.optional().meta(doc('The service that tokens are for (RFC 8707).', 'https://api.example.com/')),
  audience: optionalNonEmptyText(2_000, 'The same, for servers that call it audience.', 'https://api.example.com/'),
  tokenRequest: oauthKnobs.tokenRequest,
  placement: oauthKnobs.placement,
  tokenAnswer: oauthKnobs.tokenAnswer,
});

const AwsAuth = z.strictObject({
  type: z.literal('AWS_ASSUME_ROLE').meta({
    description: 'Errand assumes a role, in a session named after the user, and signs each call.',
  }),
  roleArn: z
    .string()
    .max(2_048)
    // Not `\/`: generators of clients escape it a second time.
    .regex(/^arn:aws[\w-]*:iam::\d{12}:role[/][\w+=,.@/-]{1,576}$/, 'Must be the ARN of a role.')
    .meta(doc('The role to assume.', 'arn:aws:iam::123456789012:role/errand')),
  region: z
    .string()
    .regex(/^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/, 'Must be a region.')
    .meta(doc('Region that the service is in.', 'eu-central-1')),
  service: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, 'Must be the signing name of a service.')
    .meta(doc('Service name in the AWS signature (SigV4).', 'execute-api')),
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/, 'Must be an external id.')
    .optional()
    .meta(doc("The external id that the role's trust policy requires.", 'errand-4711')),
  accessKeyId: z
    .string()
    .regex(/^\w{16,128}$/, 'Must be an access key id.')
    .meta(doc('Key that may assume the role.', 'AKIAIOSFODNN7EXAMPLE')),
  secretAccessKey: secretText(256).meta(
    doc('Its secret. Stored sealed and never returned.', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
  ),
  durationSeconds: z
    .int()
    .min(900)
    .max(43_200)
    .optional()
    .meta(doc('Lifetime of a session in seconds. Default: an hour.', 3600)),
});

const GoogleAuth = z.strictObject({
  type: z.literal('GOOGLE_SERVICE_ACCOUNT_OAUTH').meta({
    description: 'Google issues tokens for the key of a service account.',
  }),
  serviceAccountKey: secretText(16_384).meta({
    description: 'The JSON key file, as text. Stored sealed and never returned.',
    examples: ['{"type":"service_account","client_email":"…","private_key":"…"}'],
  }),
  scopes: scopes.min(1).meta(doc('The scopes of the tokens.', ['https://www.googleapis.com/auth/calendar'])),
  actAsUser: optionalFlag(
    'Act for the end user by domain-wide delegation: the userId of a run must be their e-mail address. Default: the account acts for itself.',
    false,
  ),
});

export const Auth = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('NONE').meta({ description: 'No credential.' }) }),
    z.strictObject({
      type: z.literal('API_TOKEN').meta({ description: 'A token in a header or a query parameter.' }),
      token: tokenText.optional().meta({ description: 'Used for all users without a token of their own.' }),
      in: optionalOneOf(
        ['header', 'query'],
        "Where the token is sent. Default: as the document's security scheme says.",
        'header',
      ),
      name: z
        .string()
        .min(1)
        .max(100)
        .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'Must be a header or parameter name.')
        .optional()
        .meta(
          doc("Name of the header or parameter. Default: as the document's security scheme says.", 'Authorization'),
        ),
      prefix: optionalInputText(100, 'Text before the token.', 'Bearer '),
    }),
    BasicAuth,
    OAuth2Auth,
    ClientCredentialsAuth,
    AwsAuth,
    GoogleAuth,
  ])
  .meta({ id: 'Auth', description: 'How to authenticate at the service.' });
export type Auth = z.output<typeof Auth>;

/** The credentials of an owner, for an integration of the catalogue: the other settings are those of its entry. */
export const CatalogCredentials = z
  .strictObject({
    way: optionalNonEmptyText(
      400,
      'The title of a way of the service. Default: the first way that takes these fields.',
      'Bot',
    ),
    token: tokenText.optional().meta({ description: 'For API_TOKEN. Absent: users bring their own.' }),
    user: BasicUser.optional().meta(doc('For BASIC, with password. Absent: users bring their own.', 'AC…')),
    password: tokenText.optional().meta({ description: 'For BASIC.' }),
    clientId: optionalNonEmptyText(1000, 'For OAUTH2 and CLIENT_CREDENTIALS.', 'errand'),
    clientSecret: secretText(4000).optional().meta(doc('The secret of the client.', 's3cr3t')),
    scopes: scopes.optional().meta(doc('For OAUTH2. Default: basic, read and write of the way.', ['chat:write'])),
  })
  .meta({ id: 'CatalogCredentials', description: 'The credentials for a service of the catalogue.' });
export type CatalogCredentials = z.output<typeof CatalogCredentials>;

/** A new secret of the owner for the stored settings. */
export const OwnerCredential = z
  .strictObject({
    secret: secretText(16_384).meta({
      description:
        'The secret for the type of auth: the token, the password, the client secret, the secret access key, or the JSON key file as text. Stored sealed and never returned.',
      examples: ['crm_…'],
    }),
    user: BasicUser.optional().meta(doc('The user name, which BASIC requires.', 'AC…')),
    accessKeyId: AwsAuth.shape.accessKeyId
      .optional()
      .meta(doc('The key of the secret, for AWS_ASSUME_ROLE. Default: the stored one.', 'AKIAIOSFODNN7EXAMPLE')),
  })
  .meta({
    id: 'OwnerCredential',
    description: 'Replaces the secret of the workspace. The other settings of auth stay as they are.',
  });
export type OwnerCredential = z.output<typeof OwnerCredential>;

/** The settings of `Auth` that are no secrets, as they are stored. */
export const AuthSettings = z
  .object({
    type: AuthType,
    in: optionalOneOf(['header', 'query'], 'Where the token is sent.', 'header'),
    name: optionalText('Name of the header or parameter.', 'Authorization'),
    issuer: optionalText(
      'The authorization server: as registered, otherwise as discovered.',
      'https://auth.example.com',
    ),
    clientId: optionalText('The client id at the authorization server.', 'errand'),
    scopes: z
      .array(z.string())
      .optional()
      .meta(doc('The scopes that are requested.', ['calendar.read'])),
  })
  .meta({ id: 'AuthSettings', description: 'How an integration authenticates, without secrets.' });
export type AuthSettings = z.infer<typeof AuthSettings>;
