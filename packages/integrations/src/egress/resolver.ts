import { lookup } from 'node:dns/promises';
import { isPublicAddress } from './address.ts';
import { EgressError } from './error.ts';

export type Address = { address: string; family: number };
/** Gives all addresses of a name. */
export type Resolver = (hostname: string) => Promise<Address[]>;

export const systemResolver: Resolver = (hostname) => lookup(hostname, { all: true, order: 'verbatim' });

/**
 * The addresses of a name, when every one of them may be connected to.
 * One bad answer among good ones spoils all: which of them is used is the attacker's choice.
 * @throws EgressError url_not_allowed, or what the resolver throws
 */
export async function publicAddresses(hostname: string, resolver: Resolver): Promise<Address[]> {
  const addresses = await resolver(hostname);
  const bad = addresses.find((entry) => !isPublicAddress(entry.address));
  if (bad || addresses.length === 0) {
    throw new EgressError('url_not_allowed', {
      cause: new Error(bad ? `${hostname} resolves to ${bad.address}` : `${hostname} resolves to nothing`),
    });
  }
  return addresses;
}
