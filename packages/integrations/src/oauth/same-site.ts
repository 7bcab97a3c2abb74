import ipaddr from 'ipaddr.js';
import type { AuthorizationServer } from './server.ts';

/**
 * Whether an authorization server belongs to the operator of a service, as far as names prove it: each of its URLs is at the host and
 * port of the service, or at a subdomain, which only the owner of the host controls. Sibling and parent domains prove nothing without a
 * list of public suffixes (`a.github.io`, `b.github.io`). Different ports of a host may belong to different parties.
 */
export function isSameSite(server: AuthorizationServer, service: URL): boolean {
  const { issuer, authorizationUrl, tokenUrl, revocationUrl, registrationUrl } = server;
  const urls = [issuer, authorizationUrl, tokenUrl, revocationUrl, registrationUrl];
  const hasSubdomains = service.hostname.includes('.') && !ipaddr.isValid(service.hostname);
  return urls.every((url) => {
    if (url === undefined) return true;
    const { host, hostname } = new URL(url);
    return host === service.host || (hasSubdomains && hostname.endsWith(`.${service.hostname}`));
  });
}
