import { invalidField } from '../problems.ts';
import type { ConsentPort } from './consent-links.ts';

type Redirects = Pick<ConsentPort, 'mayReturnTo'>;

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** @throws ProblemError validation_failed if the browser may not be redirected there @param pointer to the field */
export function checkRedirect(redirects: Redirects, url: string | undefined, pointer = '/redirectUri'): void {
  if (url === undefined || redirects.mayReturnTo(url)) return;
  throw invalidField(pointer, 'The operator of this service does not allow this origin (ERRAND_REDIRECT_ORIGINS).');
}

/** Codes of consents go only to pages with https, or of this machine. @throws ProblemError validation_failed */
export function checkVerifyUrl(redirects: Redirects, url: string | null | undefined): void {
  if (url === undefined || url === null) return;
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !LOOPBACK.includes(hostname))
    throw invalidField('/verifyUrl', 'Must use https, except at this machine.');
  checkRedirect(redirects, url, '/verifyUrl');
}
