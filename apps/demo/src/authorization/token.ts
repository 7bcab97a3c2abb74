// Token and revocation endpoint.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Client, clientOf } from './clients.ts';
import type { Grants, Issued, Refusal } from './grants.ts';

export type TokenCalls = { authorization_code: number; refresh_token: number };

export type TokenOptions = {
  clients: readonly Client[];
  grants: Grants;
  /** Requests by grant type, successful or not. */
  calls: TokenCalls;
  /** Whether to lose the answer after the server has processed the request. */
  losesAnswer: () => boolean;
};

type Form = { Body: URLSearchParams };

export function mountToken(app: FastifyInstance, { clients, grants, calls, losesAnswer }: TokenOptions): void {
  const authenticated = (request: FastifyRequest<Form>, reply: FastifyReply): Client | undefined => {
    const client = clientOf(clients, request.headers.authorization, request.body);
    if (!client)
      reply.status(401).header('www-authenticate', 'Basic realm="clients"').send({ error: 'invalid_client' });
    return client;
  };

  app.post<Form>('/token', (request, reply) => {
    reply.header('cache-control', 'no-store');
    const client = authenticated(request, reply);
    if (!client) return reply;
    const form = request.body;
    const field = (name: string) => form.get(name) ?? '';
    let outcome: Issued | Refusal;
    switch (form.get('grant_type')) {
      case 'authorization_code':
        calls.authorization_code++;
        outcome = grants.redeem(field('code'), client.clientId, field('redirect_uri'), field('code_verifier'));
        break;
      case 'refresh_token':
        calls.refresh_token++;
        outcome = grants.refresh(field('refresh_token'), client.clientId, form.get('scope') ?? undefined);
        break;
      default:
        return reply.status(400).send({ error: 'unsupported_grant_type' });
    }
    if (losesAnswer()) {
      request.raw.socket.resetAndDestroy();
      return reply.hijack();
    }
    if ('error' in outcome) return reply.status(400).send(outcome);
    return reply.send({
      access_token: outcome.accessToken,
      token_type: 'Bearer',
      expires_in: outcome.expiresIn,
      refresh_token: outcome.refreshToken,
      scope: outcome.scope,
    });
  });

  app.post<Form>('/revoke', (request, reply) => {
    const client = authenticated(request, reply);
    if (!client) return reply;
    grants.revoke(request.body.get('token') ?? '', client.clientId);
    return reply.status(200).send();
  });
}
