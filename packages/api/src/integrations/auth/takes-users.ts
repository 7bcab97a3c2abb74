import type { Connection } from '@errand/db';
import { takesCredential } from './user-credential.ts';

/** Whether users connect to an integration: they consent, enter a token, or give values of variables. */
export const takesUsers = ({ auth, variables = {} }: Pick<Connection, 'auth' | 'variables'>): boolean =>
  auth.type === 'OAUTH2' || takesCredential(auth) || Object.values(variables).some(({ from }) => from === 'user');
