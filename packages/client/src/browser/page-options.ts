/** Of every request: the token is the credential, and answers are never stored. */
export const PAGE_OPTIONS: RequestInit = { credentials: 'omit', ...{ cache: 'no-store' } };
