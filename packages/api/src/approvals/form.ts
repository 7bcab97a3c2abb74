import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { problem } from '@errand/contracts';
import type { ApprovalDoor } from './door.ts';

type Door = Pick<ApprovalDoor, 'formKeys' | 'publicUrl'>;

const isHttps = ({ publicUrl }: Door) => publicUrl().startsWith('https:');
// `__Host-`: no other host, and nobody on plain http, can have set it.
const cookieName = (door: Door) => `${isHttps(door) ? '__Host-' : ''}errand-approval`;

/** What a browser must send along with a form: its cookie, and the word in the form that only fits this cookie and approval. */
export type FormTicket = { csrf: string; setCookie: string };

/** A ticket for the form of an approval; the browser keeps the cookie that it has. */
export function issueTicket(door: Door, headers: IncomingHttpHeaders, approvalId: string): FormTicket {
  const cookie = readCookie(door, headers) ?? randomBytes(32).toString('base64url');
  const secure = isHttps(door) ? '; Secure' : '';
  return {
    csrf: wordFor(door.formKeys()[0], cookie, approvalId).toString('base64url'),
    setCookie: `${cookieName(door)}=${cookie}; Path=/; HttpOnly; SameSite=Strict${secure}`,
  };
}

/** @throws ProblemError csrf_failed unless the form was made here, for this browser and this approval */
export function checkTicket(door: Door, headers: IncomingHttpHeaders, approvalId: string, csrf: string): void {
  const cookie = readCookie(door, headers);
  const given = Buffer.from(csrf, 'base64url');
  const fits = (key: Buffer) => {
    const word = wordFor(key, cookie!, approvalId);
    return word.length === given.length && timingSafeEqual(word, given);
  };
  if (cookie !== undefined && door.formKeys().some(fits)) return;
  throw problem(
    'csrf_failed',
    'The form was not made for this browser, or is too old. Open the link again and decide there.',
  );
}

/** @throws ProblemError csrf_failed when a browser says that a page of another site sends this */
export function checkOrigin(door: Door, headers: IncomingHttpHeaders): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const own = [new URL(door.publicUrl()).origin, `http://${host}`, `https://${host}`];
  // A page without a referrer names its origin `null`, our own pages too: the cookie tells them apart.
  const foreign = origin !== undefined && origin !== 'null' && !own.includes(origin);
  if (!foreign && (site === undefined || site === 'same-origin' || site === 'none')) return;
  throw problem('csrf_failed', 'This came from a page of another site. Open the link itself and decide there.');
}

const wordFor = (key: Buffer, cookie: string, approvalId: string): Buffer =>
  createHmac('sha256', key).update(`${cookie}\n${approvalId}`).digest();

function readCookie(door: Door, { cookie = '' }: IncomingHttpHeaders): string | undefined {
  const name = `${cookieName(door)}=`;
  const found = cookie.split(/; */).find((pair) => pair.startsWith(name));
  const value = found?.slice(name.length);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}
