import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { EgressError } from './error.ts';

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
  const bad = addresses.find(({ address }) => !isPublicAddress(address));
  if (bad || addresses.length === 0) {
    const cause = new Error(`${hostname} resolves to ${bad?.address ?? 'nothing'}`);
    throw new EgressError('url_not_allowed', { cause });
  }
  return addresses;
}
