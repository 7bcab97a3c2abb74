import ipaddr from 'ipaddr.js';

const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];
/** Azure's wire server: a public-looking address that every Azure machine can reach and that answers with its secrets. */
const AZURE_WIRE_SERVER = '168.63.129.16';

/**
 * Whether an IP address may be connected to: global unicast and nothing else. Loopback, private, link-local, carrier,
 * metadata, translation (NAT64, 6to4, Teredo, v4-compatible), multicast, reserved and documentation ranges are refused.
 * @param address IPv4 or IPv6 text, without brackets; anything else is refused too
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%') || !ipaddr.isValid(address)) return false;
  const ip = ipaddr.parse(address);
  if (ip instanceof ipaddr.IPv6) {
    // Everything global lies in 2000::/3, so v4-mapped and v4-compatible forms fall out here.
    return ip.range() === 'unicast' && ip.match(globalUnicast);
  }
  return ip.range() === 'unicast' && ip.toString() !== AZURE_WIRE_SERVER;
}
