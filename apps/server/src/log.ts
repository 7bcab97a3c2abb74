import type { Redactor } from '@errand/basics/redactor';
import type { CallerPrincipal } from '@errand/contracts';
import type { FastifyInstance } from 'fastify';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config/config.ts';

/**
 * The log: JSON lines on stdout. Requests are logged by an allow-list; secrets that slip into any line are redacted
 * by value before it is written.
 */
export const createLog = (level: Config['logLevel'], redactor: Redactor, to?: DestinationStream): Logger =>
  pino(
    {
      level,
      redact: { paths: ['*.headers', '*.body', '*.token', '*.apiKey', '*.password', '*.secret'], censor: '[secret]' },
      hooks: { streamWrite: redactor.redact },
    },
    to ?? stdout(),
  );

function stdout(): DestinationStream {
  const destination = pino.destination({ dest: 1, sync: false });
  // A full disk or a closed terminal costs lines of the log; it does not end the service.
  destination.on('error', () => {});
  return destination;
}

/** One line a request: never its query, headers or body. */
export function logRequests(
  fastify: FastifyInstance,
  log: Logger,
  principalOf: (request: object) => CallerPrincipal | undefined,
) {
  fastify.addHook('onResponse', async (request, reply) => {
    const principal = principalOf(request);
    log[reply.statusCode >= 500 ? 'error' : 'info'](
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        requestId: request.id,
        workspaceId: principal?.workspaceId,
        ...(principal?.kind === 'subject' ? { subject: principal.id } : { apiKeyId: principal?.apiKeyId }),
      },
      'request',
    );
  });
}
