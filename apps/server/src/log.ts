import type { Redactor } from '@errand/basics/redactor';
import type { CallerPrincipal } from '@errand/contracts';
import type { FastifyInstance } from 'fastify';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config/config.ts';

/**
 * The log: JSON lines on stdout. Fields of requests are logged by an allow-list. Known secrets are redacted by value before a line is
 * written.
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
  // After a full disk or a closed terminal the service continues without those log lines.
  destination.on('error', () => {});
  return destination;
}

function callerFields(principal: CallerPrincipal | undefined) {
  if (principal?.kind === 'subject') return { subject: principal.id };
  if (principal?.kind === 'user_token') return { userTokenId: principal.id };
  if (principal?.kind === 'person') return { personId: principal.id };
  return { apiKeyId: principal?.apiKeyId };
}

/** Logs one line for each request, without its query, headers or body. */
export function logRequests(
  fastify: FastifyInstance,
  log: Logger,
  principalOf: (request: object) => CallerPrincipal | undefined,
) {
  // The fields are named here and hold no objects, so that no path needs to be redacted.
  const lines = log.child({}, { redact: [] });
  fastify.addHook('onResponse', async (request, reply) => {
    const principal = principalOf(request);
    lines[reply.statusCode >= 500 ? 'error' : 'info'](
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        requestId: request.id,
        workspaceId: principal?.workspaceId,
        ...callerFields(principal),
      },
      'request',
    );
  });
}
