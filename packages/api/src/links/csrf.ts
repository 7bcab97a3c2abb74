import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { openToken, signToken } from '@errand/basics/signed-token';
import { problem } from '@errand/contracts';
import { prefersHtml } from '../pages/prefers-html.ts';
import { en } from '../pages/texts/en.ts';
import { textsFor } from '../pages/texts/language.ts';
import type { ApprovalPort } from './approval-links.ts';

type FormPort = Pick<ApprovalPort, 'formKeys' | 'publicUrl'>;

const isHttps = ({ publicUrl }: FormPort) => publicUrl().startsWith('https:');
// `__Host-` prevents other hosts and plain http from setting the cookie.
const cookieName = (port: FormPort) => `${isHttps(port) ? '__Host-' : ''}errand-approval`;

/** The proof that a browser sends with a form: its cookie, and a CSRF token for this cookie and subject. */
export type FormProof = { csrf: string; setCookie: string };

/** The proof for the form of a subject, such as an approval; an existing cookie of the browser stays. */
export function issueCsrfToken(port: FormPort, headers: IncomingHttpHeaders, subject: string): FormProof {
  const cookie = readCookie(port, headers) ?? randomBytes(32).toString('base64url');
  const secure = isHttps(port) ? '; Secure' : '';
  return {
    csrf: signToken(port.formKeys(), NOTHING, signedContext(cookie, subject)),
    setCookie: `${cookieName(port)}=${cookie}; Path=/; HttpOnly; SameSite=Strict${secure}`,
  };
}

/** @throws ProblemError csrf_failed unless this service made the form for this browser and subject */
export function checkCsrfToken(port: FormPort, headers: IncomingHttpHeaders, subject: string, csrf: string): void {
  const cookie = readCookie(port, headers);
  if (cookie !== undefined && openToken(port.formKeys(), csrf, signedContext(cookie, subject))) return;
  throw problem('csrf_failed', en.form.tooOld);
}

/**
 * Checks a CSRF token where the page can be shown again with a new form, because another page of ours may have set a new cookie since.
 * @param csrf undefined if no form was sent
 * @returns the notice for the page; undefined if the token is valid
 * @throws ProblemError csrf_failed if the client does not accept HTML
 */
export function csrfFault(
  port: FormPort,
  headers: IncomingHttpHeaders,
  approvalId: string,
  csrf: string | undefined,
): string | undefined {
  try {
    if (csrf !== undefined) checkCsrfToken(port, headers, approvalId, csrf);
    return undefined;
  } catch (error) {
    if (!prefersHtml(headers.accept)) throw error;
    const { form } = textsFor(headers);
    return `${form.tooOld} ${form.checkAgain}`;
  }
}

/** @throws ProblemError csrf_failed if the headers of the browser name a page of another site */
export function checkOrigin(port: FormPort, headers: IncomingHttpHeaders): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const ownOrigins = [new URL(port.publicUrl()).origin, `http://${host}`, `https://${host}`];
  // Pages without a referrer, such as ours, send the origin `null`; then the cookie decides.
  const isForeign = origin !== undefined && origin !== 'null' && !ownOrigins.includes(origin);
  if (!isForeign && (site === undefined || site === 'same-origin' || site === 'none')) return;
  throw problem('csrf_failed', 'The form was sent from a page of another site.');
}

const NOTHING = Buffer.alloc(0);
const signedContext = (cookie: string, subject: string): string => `${cookie}\n${subject}`;

function readCookie(port: FormPort, { cookie = '' }: IncomingHttpHeaders): string | undefined {
  const name = `${cookieName(port)}=`;
  const pair = cookie.split(/; */).find((part) => part.startsWith(name));
  const value = pair?.slice(name.length);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}
