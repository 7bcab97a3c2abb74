import type { IncomingHttpHeaders } from 'node:http';
import { problem } from '@errand/contracts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Refuses requests of foreign web pages, and of pages whose host name resolves to this machine (DNS rebinding). Programs send no Origin,
 * and may reach a public service by any name.
 * @throws ProblemError origin_not_allowed
 */
export function checkCaller({ origin, host }: IncomingHttpHeaders, publicUrl: string): void {
  const serviceUrl = new URL(publicUrl);
  const isLocal = LOOPBACK.has(serviceUrl.hostname);
  const isOwn = (url: string): boolean => {
    const named = URL.canParse(url) ? new URL(url) : undefined;
    if (named === undefined) return false;
    return (
      named.host === serviceUrl.host || (isLocal && LOOPBACK.has(named.hostname) && named.port === serviceUrl.port)
    );
  };
  const fromPage = origin !== undefined;
  const refused = (fromPage && !isOwn(origin)) || ((fromPage || isLocal) && !isOwn(`${serviceUrl.protocol}//${host}`));
  if (refused)
    throw problem('origin_not_allowed', 'This page may not call /mcp.', {
      remedy: `Call ${serviceUrl.origin}/mcp from a program, or from a page of ${serviceUrl.origin}.`,
    });
}
