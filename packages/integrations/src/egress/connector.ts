import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isPublicAddress, publicAddresses, type Resolver } from './address.ts';
import { EgressError } from './error.ts';
import { checkTarget, literalAddress } from './target.ts';

/**
 * Opens sockets to allowed addresses only. The socket uses the checked addresses of a single lookup, so DNS rebinding has no effect.
 * Literal addresses skip the lookup, so they are checked before. The address of the connected peer is checked as well.
 */
export function guardedConnector(options: {
  trusted: ReadonlySet<string>;
  resolver: Resolver;
  connectMs: number;
}): buildConnector.connector {
  const { trusted, resolver, connectMs } = options;
  const lookup: LookupFunction = (hostname, _options, callback) => {
    publicAddresses(hostname, resolver).then(
      (addresses) => callback(null, addresses),
      (error) => callback(error, []),
    );
  };
  const open = buildConnector({ timeout: connectMs });
  // The connector requests all addresses, and tries the checked ones in turn.
  const guarded = buildConnector({ timeout: connectMs, lookup, autoSelectFamily: true });

  return (request, callback) => {
    const host = request.hostname.includes(':') ? `[${request.hostname}]` : request.hostname;
    try {
      const { trusted: isTrusted } = checkTarget(`${request.protocol}//${host}:${request.port}`, trusted);
      if (isTrusted) return open(request, callback);
    } catch (error) {
      return callback(error as Error, null);
    }
    guarded(request, (...[error, socket]) => {
      if (error) return callback(error, null);
      const peer = socket.remoteAddress;
      if (peer === undefined || !isPublicAddress(peer)) {
        socket.destroy();
        const cause = new Error(`connected to ${peer ?? literalAddress(host)}`);
        return callback(new EgressError('url_not_allowed', { cause }), null);
      }
      callback(null, socket);
    });
  };
}
