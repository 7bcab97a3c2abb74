import { BasicUser, problem, Secret, tokenText } from '@errand/contracts';
import type { PublicAuth } from '@errand/db';

/** Whether users enter a credential. */
export const takesCredential = ({ type }: PublicAuth): boolean => type === 'API_TOKEN' || type === 'BASIC';

/** User and password as they are sealed: one text, as HTTP Basic sends it. */
export const basicSecret = (user: string, password: string): Secret => new Secret(`${user}:${password}`);

type Sent = { apiToken?: string | undefined; user?: string | undefined; password?: string | undefined };

/**
 * The credential that a caller sends for a user; undefined if there is none.
 * @throws ProblemError validation_failed for fields that the integration does not take
 */
export function sentCredential({ type }: PublicAuth, { apiToken, user, password }: Sent): Secret | undefined {
  const remedy = remedies[type] ?? 'PATCH the integration to auth API_TOKEN or BASIC.';
  const isBasic = user !== undefined || password !== undefined;
  if (apiToken !== undefined && type !== 'API_TOKEN')
    throw problem('validation_failed', `The integration takes no token: its authType is ${type}.`, { remedy });
  if (isBasic && type !== 'BASIC')
    throw problem('validation_failed', `The integration takes no password: its authType is ${type}.`, { remedy });
  if (apiToken !== undefined) return new Secret(apiToken);
  if (!isBasic) return undefined;
  if (user === undefined || password === undefined)
    throw problem('validation_failed', 'A user name and a password belong together.', { remedy });
  return basicSecret(user, password);
}

const remedies: Readonly<Record<string, string>> = {
  OAUTH2: 'Ask the user for consent with auth-url.',
  API_TOKEN: 'Send apiToken.',
  BASIC: 'Send user and password.',
};

/** Whether a form has no credential. */
export const isBlank = (form: URLSearchParams): boolean =>
  ['apiToken', 'user', 'password'].every((name) => (form.get(name) ?? '').trim() === '');

/** The credential in a form, or the invalid field. */
export function enteredCredential(
  { type }: PublicAuth,
  form: URLSearchParams,
): Secret | { fault: 'token' | 'user' | 'password' } {
  const entered = (name: string) => (form.get(name) ?? '').trim();
  if (type !== 'BASIC') {
    const token = tokenText.safeParse(entered('apiToken'));
    return token.success ? new Secret(token.data) : { fault: 'token' };
  }
  const user = BasicUser.safeParse(entered('user'));
  if (!user.success) return { fault: 'user' };
  // A password may begin or end with a space.
  const password = tokenText.safeParse(form.get('password') ?? '');
  return password.success ? basicSecret(user.data, password.data) : { fault: 'password' };
}
