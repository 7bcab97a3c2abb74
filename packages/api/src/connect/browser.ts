import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { sha256 } from '@errand/basics/sha256';

/** What binds a consent under way to the browser that was sent: a cookie of its own for each, so that tabs do not disturb each other. */
export type Bond = { workspaceId: string; hash: string };

const SECONDS = 600;

/** What a state is found by. */
export const hashOfState = (state: string): string => sha256(state, 'base64url');

/** `__Host-`: no other host, and nobody on plain http, can have set it. Lax: the way back begins at another site. */
function cookie(publicUrl: string, stateHash: string, value: string, maxAge: number): string {
  const https = publicUrl.startsWith('https:');
  return `${nameOf(https, stateHash)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${https ? '; Secure' : ''}`;
}

const nameOf = (https: boolean, stateHash: string) =>
  `${https ? '__Host-' : ''}errand-consent-${stateHash.slice(0, 16)}`;

/** A new bond; the cookie names the workspace, since nothing is looked for outside one. */
export function bind(publicUrl: string, workspaceId: string, stateHash: string): Bond & { setCookie: string } {
  const word = randomBytes(32).toString('base64url');
  return {
    workspaceId,
    hash: sha256(word, 'base64url'),
    setCookie: cookie(publicUrl, stateHash, `${workspaceId}.${word}`, SECONDS),
  };
}

/** The bond of the browser that brings a state back; undefined for another browser. */
export function bondOf(
  { cookie: all = '' }: IncomingHttpHeaders,
  publicUrl: string,
  stateHash: string,
): Bond | undefined {
  const name = `${nameOf(publicUrl.startsWith('https:'), stateHash)}=`;
  const value = all.split(/; */).find((pair) => pair.startsWith(name));
  const [, workspaceId, word] = /^([0-9a-f-]{36})\.([\w-]{43})$/.exec(value?.slice(name.length) ?? '') ?? [];
  return workspaceId && word ? { workspaceId, hash: sha256(word, 'base64url') } : undefined;
}

/** Takes the cookie back. */
export const unbind = (publicUrl: string, stateHash: string): string => cookie(publicUrl, stateHash, '', 0);
