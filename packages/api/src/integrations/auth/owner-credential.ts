import { type OwnerCredential, Secret } from '@errand/contracts';
import type { Connection, IntegrationPatch } from '@errand/db';
import type { Connector } from '@errand/ports/credentials';
import { invalidField } from '../../problems.ts';
import { withoutUndefined } from './complete-auth.ts';
import { basicSecret } from './user-credential.ts';

const refuse = (field: keyof OwnerCredential, message: string) => invalidField(`/credential/${field}`, message);

/** The change that replaces the secret of an integration, and keeps its other settings. @throws ProblemError validation_failed */
export async function withCredential(
  connector: Connector,
  { auth, oauthServer, pendingIssuer }: Connection,
  { secret, user, accessKeyId }: OwnerCredential,
): Promise<IntegrationPatch> {
  const { type } = auth;
  if (type === 'NONE') throw refuse('secret', 'The integration has the auth NONE: set a type with auth.');
  if (type === 'OAUTH2' && auth.clientAuthentication === 'none')
    throw refuse('secret', 'The client is a public one: it has no secret.');
  if (user !== undefined && type !== 'BASIC') throw refuse('user', 'Only BASIC has a user name.');
  if (accessKeyId !== undefined && type !== 'AWS_ASSUME_ROLE')
    throw refuse('accessKeyId', 'Only AWS_ASSUME_ROLE has an access key.');
  const stored = { auth: { ...auth, ...(accessKeyId !== undefined && { accessKeyId }) } };
  const others = withoutUndefined({ oauthServer, pendingIssuer });
  return { ...stored, ...others, token: await tokenOf(connector, type, { secret, user }) };
}

async function tokenOf(
  connector: Connector,
  type: Connection['auth']['type'],
  { secret, user }: OwnerCredential,
): Promise<Secret> {
  if (type === 'BASIC') {
    if (user === undefined) throw refuse('user', 'Send the user name with the password.');
    return basicSecret(user, secret);
  }
  const token = new Secret(secret);
  if (type === 'API_TOKEN' && /[\r\n]/.test(secret)) throw refuse('secret', 'Must be one line.');
  if (type !== 'GOOGLE_SERVICE_ACCOUNT_OAUTH') return token;
  const message = await connector.faultOfKeyFile(token);
  if (message !== undefined) throw refuse('secret', message);
  return token;
}
