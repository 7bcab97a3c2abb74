import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { openToken, signToken } from '@errand/basics/signed-token';
import { problem } from '@errand/contracts';
import { wantsPage } from '../pages/wants-page.ts';
import type { ApprovalPort } from './approval-links.ts';

type Port = Pick<ApprovalPort, 'formKeys' | 'publicUrl'>;

const isHttps = ({ publicUrl }: Port) => publicUrl().startsWith('https:');
// `__Host-`: no other host, and no plain http, can set it.
const cookieName = (port: Port) => `${isHttps(port) ? '__Host-' : ''}errand-approval`;

/** What a browser must send with a form: its cookie, and a CSRF token for this cookie and approval. */
export type FormTicket = { csrf: string; setCookie: string };

/** A ticket for the form of an approval; the browser keeps the cookie that it has. */
export function issueTicket(port: Port, headers: IncomingHttpHeaders, approvalId: string): FormTicket {
  const cookie = readCookie(port, headers) ?? randomBytes(32).toString('base64url');
  const secure = isHttps(port) ? '; Secure' : '';
  return {
    csrf: signToken(port.formKeys(), NOTHING, contextOf(cookie, approvalId)),
    setCookie: `${cookieName(port)}=${cookie}; Path=/; HttpOnly; SameSite=Strict${secure}`,
  };
}

/** @throws ProblemError csrf_failed unless the form was made here, for this browser and this approval */
export function checkTicket(port: Port, headers: IncomingHttpHeaders, approvalId: string, csrf: string): void {
  const cookie = readCookie(port, headers);
  if (cookie !== undefined && openToken(port.formKeys(), csrf, contextOf(cookie, approvalId))) return;
  throw problem(
    'csrf_failed',
    'The form was not made for this browser, or is too old. Open the link again and decide there.',
  );
}

/**
 * The same for a page that is shown again, with a form that fits: another page of ours may have set a new cookie since.
 * @param csrf undefined when no form was sent
 * @returns what to say on the page; undefined when the form is good
 * @throws ProblemError csrf_failed when no page is wanted
 */
export function ticketFault(
  port: Port,
  headers: IncomingHttpHeaders,
  approvalId: string,
  csrf: string | undefined,
): string | undefined {
  try {
    if (csrf !== undefined) checkTicket(port, headers, approvalId, csrf);
    return undefined;
  } catch (error) {
    if (!wantsPage(headers.accept)) throw error;
    return (error as Error).message;
  }
}

/** @throws ProblemError csrf_failed when a browser says that a page of another site sends this */
export function checkOrigin(port: Port, headers: IncomingHttpHeaders): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const ownOrigins = [new URL(port.publicUrl()).origin, `http://${host}`, `https://${host}`];
  // A page without a referrer, such as ours, sends the origin `null`; the cookie decides then.
  const foreign = origin !== undefined && origin !== 'null' && !ownOrigins.includes(origin);
  if (!foreign && (site === undefined || site === 'same-origin' || site === 'none')) return;
  throw problem('csrf_failed', 'This came from a page of another site. Open the link itself and decide there.');
}

const NOTHING = Buffer.alloc(0);
const contextOf = (cookie: string, approvalId: string): string => `${cookie}\n${approvalId}`;

function readCookie(port: Port, { cookie = '' }: IncomingHttpHeaders): string | undefined {
  const name = `${cookieName(port)}=`;
  const found = cookie.split(/; */).find((pair) => pair.startsWith(name));
  const value = found?.slice(name.length);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}
