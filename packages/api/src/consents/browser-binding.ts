import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { sha256 } from '@errand/basics/sha256';

/** Binds a consent to the browser that started it. Each consent has its own cookie, so that tabs do not interfere. */
export type BrowserBinding = { workspaceId: string; hash: string };

const COOKIE_SECONDS = 600;

export const stateHashOf = (state: string): string => sha256(state, 'base64url');

/** `__Host-`: no other host, and no plain http, can set it. Lax: the redirect back begins at another site. */
function cookie(publicUrl: string, stateHash: string, value: string, maxAge: number): string {
  const https = publicUrl.startsWith('https:');
  return `${cookieName(https, stateHash)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${https ? '; Secure' : ''}`;
}

const cookieName = (https: boolean, stateHash: string) =>
  `${https ? '__Host-' : ''}errand-consent-${stateHash.slice(0, 16)}`;

/** A new binding. Its cookie contains the workspace, because every query needs one. */
export function createBinding(
  publicUrl: string,
  workspaceId: string,
  stateHash: string,
): BrowserBinding & { setCookie: string } {
  const secret = randomBytes(32).toString('base64url');
  return {
    workspaceId,
    hash: sha256(secret, 'base64url'),
    setCookie: cookie(publicUrl, stateHash, `${workspaceId}.${secret}`, COOKIE_SECONDS),
  };
}

/** The binding of a browser that returns with a state; undefined if another browser started the consent. */
export function readBinding(
  { cookie: cookieHeader = '' }: IncomingHttpHeaders,
  publicUrl: string,
  stateHash: string,
): BrowserBinding | undefined {
  const name = `${cookieName(publicUrl.startsWith('https:'), stateHash)}=`;
  const value = cookieHeader.split(/; */).find((pair) => pair.startsWith(name));
  const [, workspaceId, secret] = /^([0-9a-f-]{36})\.([\w-]{43})$/.exec(value?.slice(name.length) ?? '') ?? [];
  return workspaceId && secret ? { workspaceId, hash: sha256(secret, 'base64url') } : undefined;
}

export const clearBindingCookie = (publicUrl: string, stateHash: string): string => cookie(publicUrl, stateHash, '', 0);
