/** The header of an API key, or of a user token, which is accepted in `Authorization` alone. */
export const credentialHeaders = (credential: string): Record<string, string> =>
  credential.startsWith('er_user_') ? { authorization: `Bearer ${credential}` } : { 'x-api-key': credential };
