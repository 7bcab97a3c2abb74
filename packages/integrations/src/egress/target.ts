import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { withoutTrailing } from '@errand/basics/text-end';
import ipaddr from 'ipaddr.js';
import { EgressError } from './error.ts';

/** @property allowedBy who named this very origin; absent for a public one */
export type Target = { url: URL; allowedBy?: 'operator' | 'workspace' };

export const NO_ORIGINS: ReadonlySet<string> = new Set();
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
 * @param allowed origins that the workspace allows
 * @throws EgressError url_not_allowed
 */
export function checkTarget(
  input: string | URL,
  trusted: ReadonlySet<string>,
  allowed: ReadonlySet<string> = NO_ORIGINS,
): Target {
  let url: URL;
  try {
    url = new URL(input);
  } catch (cause) {
    throw new EgressError('url_not_allowed', { cause });
  }
  if (url.username !== '' || url.password !== '') refuse('user info in the URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse(`scheme ${url.protocol}`);
  if (trusted.has(url.origin)) return { url, allowedBy: 'operator' };
  if (allowed.has(url.origin)) return { url, allowedBy: 'workspace' };
  if (url.protocol !== 'https:') refuse('not https', url.origin);
  if (url.port !== '') refuse(`port ${url.port}`, url.origin);
  const literal = literalAddress(url.hostname);
  if (literal !== undefined) {
    if (!isPublicAddress(literal)) refuse(`address ${literal}`, url.origin);
    return { url };
  }
  const { origin } = url;
  if (url.hostname.endsWith('.')) url.hostname = withoutTrailing(url.hostname, '.');
  const host = url.hostname;
  if (!host.includes('.') || localSuffix.test(host)) refuse(`host ${host}`, origin);
  return { url };
}

/** Whether other servers can call a URL, judging by its text: https, the default port, a public name or address. */
export function isPublicUrl(url: string): boolean {
  try {
    checkTarget(url, NO_ORIGINS);
    return true;
  } catch {
    return false;
  }
}

const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];
/** Azure's wire server: a public address that returns secrets of any Azure machine that calls it. */
const AZURE_WIRE_SERVER = '168.63.129.16';

/**
 * Whether connections to an IP address are allowed: global unicast only. This excludes loopback, private, link-local, carrier, metadata,
 * translation (NAT64, 6to4, Teredo, v4-compatible), multicast, reserved and documentation ranges, and everything else than an address.
 * @param address IPv4 or IPv6, without brackets
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%') || !ipaddr.isValid(address)) return false;
  const ip = ipaddr.parse(address);
  if (ip instanceof ipaddr.IPv6) {
    // This excludes v4-mapped and v4-compatible forms.
    return ip.range() === 'unicast' && ip.match(globalUnicast);
  }
  return ip.range() === 'unicast' && ip.toString() !== AZURE_WIRE_SERVER;
}

export type Address = { address: string; family: number };
export type Resolver = (hostname: string) => Promise<Address[]>;

export const systemResolver: Resolver = (hostname) => lookup(hostname, { all: true, order: 'verbatim' });

/**
 * The addresses of a name, if all of them are allowed: otherwise an attacker could choose which one is used.
 * @throws EgressError url_not_allowed, or an error of the resolver
 */
export async function publicAddresses(hostname: string, resolver: Resolver): Promise<Address[]> {
  const addresses = await resolver(hostname);
  const forbiddenAddress = addresses.find(({ address }) => !isPublicAddress(address));
  if (forbiddenAddress || addresses.length === 0) {
    const cause = new Error(`${hostname} resolves to ${forbiddenAddress?.address ?? 'nothing'}`);
    throw new EgressError('url_not_allowed', { cause });
  }
  return addresses;
}
