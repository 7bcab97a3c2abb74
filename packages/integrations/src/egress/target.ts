import { isIP } from 'node:net';
import { isPublicAddress } from './address.ts';
import { EgressError } from './error.ts';

export type Target = { url: URL /** Whether the operator named this very origin. */; trusted: boolean };

const localSuffix = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|arpa|onion)$/;

const refuse = (reason: string, origin?: string): never => {
  throw new EgressError('url_not_allowed', { cause: new Error(reason), origin });
};

/** The host of a URL as an IP address without brackets, or undefined when it is a name. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) ? bare : undefined;
}

/**
 * Checks the text of a URL: https, port 443, no user info, a public name or address. Names are resolved later, by the connector. Parsing
 * normalizes other notations of addresses, such as 2130706433, 0x7f.1 and fullwidth digits.
 * @param trusted origins (`URL.origin`) that the operator allows
 * @throws EgressError url_not_allowed
 */
export function checkTarget(input: string | URL, trusted: ReadonlySet<string>): Target {
  let url: URL;
  try {
    url = new URL(input);
  } catch (cause) {
    throw new EgressError('url_not_allowed', { cause });
  }
  if (url.username !== '' || url.password !== '') refuse('user info in the URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse(`scheme ${url.protocol}`);
  if (trusted.has(url.origin)) return { url, trusted: true };
  if (url.protocol !== 'https:') refuse('not https', url.origin);
  if (url.port !== '') refuse(`port ${url.port}`, url.origin);
  const literal = literalAddress(url.hostname);
  if (literal !== undefined) {
    if (!isPublicAddress(literal)) refuse(`address ${literal}`, url.origin);
    return { url, trusted: false };
  }
  const { origin } = url;
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.replace(/\.+$/, '');
  const host = url.hostname;
  if (!host.includes('.') || localSuffix.test(host)) refuse(`host ${host}`, origin);
  return { url, trusted: false };
}

/** Whether other servers can call a URL, judging by its text: https, the default port, a public name or address. */
export function isPublicUrl(url: string): boolean {
  try {
    return !checkTarget(url, new Set()).trusted;
  } catch {
    return false;
  }
}
