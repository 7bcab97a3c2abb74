// The fields of each way to authenticate, and the `auth` of a registration that they make.
import type { Inputs, Outputs } from '@errand/client/console';

export type AuthType = Outputs['integrations']['get']['authType'];
export type CreateInput = Inputs['integrations']['create'];
export type AuthInput = NonNullable<CreateInput['auth']>;

export type AuthField = {
  name: string;
  label: string;
  hint?: string;
  isSecret?: true;
  isRequired?: true;
  /** Only where the owner gives one credential for all. */
  isCredential?: true;
  /** Several values, separated by spaces. */
  isList?: true;
  isLong?: true;
  choices?: readonly string[];
  /** The document or the server says it, as a rule. */
  isRare?: true;
};

const scopes: AuthField = { name: 'scopes', label: 'Scopes', hint: 'Separated by spaces.', isList: true, isRare: true };
const clientSecret: AuthField = { name: 'clientSecret', label: 'Client secret', isSecret: true };
const tokenUrl: AuthField = { name: 'tokenUrl', label: 'Token endpoint', isRare: true };
const issuer: AuthField = {
  name: 'issuer',
  label: 'Authorization server',
  hint: 'Its address, if it publishes the addresses of its endpoints.',
  isRare: true,
};
const secretOf = (name: string, label: string): AuthField => ({ name, label, isSecret: true, isRequired: true });

const authFields: Readonly<Record<AuthType, readonly AuthField[]>> = {
  NONE: [],
  API_TOKEN: [
    { ...secretOf('token', 'Token'), isCredential: true },
    { name: 'in', label: 'Sent in', choices: ['header', 'query'], isRare: true },
    { name: 'name', label: 'Name of the header or parameter', isRare: true },
    { name: 'prefix', label: 'Text before the token', hint: 'With its space: "Bearer ".', isRare: true },
  ],
  BASIC: [
    { name: 'user', label: 'User name', isRequired: true, isCredential: true },
    { ...secretOf('password', 'Password'), isCredential: true },
  ],
  OAUTH2: [
    { name: 'clientId', label: 'Client id', hint: 'Of the client that you registered at the authorization server.' },
    clientSecret,
    issuer,
    { name: 'authorizationUrl', label: 'Authorization endpoint', isRare: true },
    tokenUrl,
    scopes,
  ],
  CLIENT_CREDENTIALS: [
    { name: 'clientId', label: 'Client id', isRequired: true },
    { ...clientSecret, isRequired: true },
    issuer,
    tokenUrl,
    scopes,
  ],
  AWS_ASSUME_ROLE: [
    { name: 'roleArn', label: 'ARN of the role', isRequired: true },
    { name: 'region', label: 'Region', isRequired: true },
    { name: 'service', label: 'Signing name of the service', hint: 'Such as execute-api.', isRequired: true },
    { name: 'externalId', label: 'External id' },
    { name: 'accessKeyId', label: 'Access key id', isRequired: true },
    secretOf('secretAccessKey', 'Secret access key'),
  ],
  GOOGLE_SERVICE_ACCOUNT_OAUTH: [
    { ...secretOf('serviceAccountKey', 'Key file of the service account, as JSON'), isLong: true },
    { ...scopes, isRequired: true },
  ],
};

/** The ways to authenticate, in words. */
export const authTexts: Readonly<Record<AuthType, string>> = {
  NONE: 'No credential',
  API_TOKEN: 'A token or API key',
  BASIC: 'A user name and a password',
  OAUTH2: 'A consent of each user (OAuth 2)',
  CLIENT_CREDENTIALS: 'A client without users (OAuth 2)',
  AWS_ASSUME_ROLE: 'A role at AWS',
  GOOGLE_SERVICE_ACCOUNT_OAUTH: 'A service account at Google',
};

/** The ways that an MCP server takes. */
export const MCP_AUTH_TYPES: readonly AuthType[] = ['NONE', 'API_TOKEN', 'OAUTH2'];
export const ALL_AUTH_TYPES = Object.keys(authTexts) as AuthType[];

/** owner: one credential for all. users: each user gives their own. */
export type Giver = 'owner' | 'users';

/** Whether a way leaves the choice who gives the credential. */
export const hasGiver = (type: AuthType): boolean => type === 'API_TOKEN' || type === 'BASIC';

export type Access = {
  type: AuthType;
  /** The title of a way of the catalogue. */
  way?: string | undefined;
  giver: Giver;
  values: Readonly<Record<string, string>>;
};

/** The fields to fill in, for one credential of all or credentials of users. */
export const fieldsOf = ({ type, giver }: Access): readonly AuthField[] =>
  authFields[type].filter(({ isCredential }) => giver === 'owner' || !isCredential);

/** Stands for a secret in a program. */
const placeholderOf = (name: string): string => `<${name}>`;

/** The values of the fields, without empty ones. @param hidesSecrets for programs: each secret is replaced by its name */
export function credentialsOf(fields: readonly AuthField[], values: Access['values'], hidesSecrets: boolean) {
  const entries = fields.flatMap(({ name, isSecret, isRequired, isList }): [string, string | string[]][] => {
    const value = values[name] ?? '';
    if (value.trim() === '') return hidesSecrets && isSecret && isRequired ? [[name, placeholderOf(name)]] : [];
    if (isSecret && hidesSecrets) return [[name, placeholderOf(name)]];
    if (isList) return [[name, value.trim().split(/\s+/)]];
    return [[name, name === 'prefix' ? value : value.trim()]];
  });
  return Object.fromEntries(entries);
}

/** The `auth` of a registration. */
export const authOf = (access: Access, hidesSecrets: boolean): AuthInput =>
  ({ type: access.type, ...credentialsOf(fieldsOf(access), access.values, hidesSecrets) }) as AuthInput;
