import type { Integration } from '../../integration/use-integration.ts';

/** Whether users give credentials, or values of variables. */
export const takesUsers = ({ authType, token, variables = {} }: Integration): boolean =>
  authType === 'OAUTH2' ||
  ((authType === 'API_TOKEN' || authType === 'BASIC') && token === undefined) ||
  Object.values(variables).some(({ from }) => from === 'user');
