import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isPublicAddress } from './address.ts';
import { EgressError } from './error.ts';
import { publicAddresses, type Resolver } from './resolver.ts';
import { checkTarget, literalAddress } from './target.ts';

/**
 * Opens sockets to allowed addresses only. The addresses that are checked are the ones that are used: the lookup returns
 * its checked answers to the socket, so a name that answers differently the second time gains nothing. Literal
 * addresses never reach a lookup, so they are checked before; the peer's address is checked once connected.
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
  // Always `all`: the connector then tries the checked addresses in turn.
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
        return callback(
          new EgressError('url_not_allowed', { cause: new Error(`connected to ${peer ?? literalAddress(host)}`) }),
          null,
        );
      }
      callback(null, socket);
    });
  };
}
