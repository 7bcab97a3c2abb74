// The calendar as an MCP server over streamable HTTP, without sessions. It needs an access token whose audience is this server.
import { createMcpHandler, ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Holder } from '../authorization/grants.ts';
import type { CalendarTool } from './tools.ts';

type McpOptions = {
  /** The origin of the listening calendar. */
  origin: () => string;
  /** The issuer of its authorization server. */
  issuer: string;
  scopes: readonly string[];
  tools: () => readonly CalendarTool[];
  /** The holder of the access token of a request, if it is valid. */
  holderOf: (request: FastifyRequest) => Holder | undefined;
  /** Called with each tool call before authorization. */
  called: (operation: string, reply: FastifyReply, holder: Holder | undefined) => void;
};

const METADATA = '/.well-known/oauth-protected-resource/mcp';

/** Mounts the tools at `/mcp`, and the metadata of the resource (RFC 9728). */
export function mountMcp(app: FastifyInstance, options: McpOptions): void {
  const { origin, issuer, scopes, tools, holderOf, called } = options;
  const resource = () => `${origin()}/mcp`;
  const handler = createMcpHandler(({ authInfo }) => calendarServer(tools(), authInfo?.extra?.user as string));
  app.addHook('onClose', () => handler.close());

  app.get(METADATA, () => ({
    resource: resource(),
    resource_name: 'Harbor Calendar',
    authorization_servers: [issuer],
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
  }));

  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    handler: async (request, reply) => {
      const tokenHolder = holderOf(request);
      // A token for another resource is not valid here.
      const holder = tokenHolder?.resource === resource() ? tokenHolder : undefined;
      const tool = tools().find(({ listed }) => listed.name === toolOf(request.body));
      if (tool) called(tool.listed.name, reply, holder);
      const refuse = (status: number, code: string, more = '') => {
        const metadata = `resource_metadata="${origin()}${METADATA}"`;
        reply.header('www-authenticate', `Bearer error="${code}", ${more}${metadata}`);
        return reply.status(status).send({ error: code });
      };
      if (!holder) return refuse(401, 'invalid_token');
      if (tool && !holder.scope.includes(tool.scope))
        return refuse(403, 'insufficient_scope', `scope="${[...holder.scope, tool.scope].join(' ')}", `);
      const authInfo = { token: '', clientId: holder.user, scopes: [...holder.scope], extra: { user: holder.user } };
      const parsedBody = request.body === undefined ? {} : { parsedBody: request.body };
      return reply.send(await handler.fetch(toWeb(request, resource()), { authInfo, ...parsedBody }));
    },
  });
}

function calendarServer(tools: readonly CalendarTool[], user: string): Server {
  const server = new Server(
    { name: 'harbor-calendar', title: 'Harbor Calendar', version: '1.2.0' },
    { capabilities: { tools: {} } },
  );
  server.setRequestHandler('tools/list', () => ({ tools: tools.map(({ listed }) => listed) }));
  server.setRequestHandler('tools/call', ({ params }) => {
    const tool = tools.find(({ listed }) => listed.name === params.name);
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${params.name}.`);
    return tool.call(params.arguments ?? {}, user);
  });
  return server;
}

function toolOf(body: unknown): unknown {
  const { method, params } = (body ?? {}) as { method?: unknown; params?: { name?: unknown } };
  return method === 'tools/call' ? params?.name : undefined;
}

function toWeb({ method, headers, body }: FastifyRequest, url: string): Request {
  const named = Object.entries(headers).flatMap(([name, value]) =>
    name === 'content-length' ? [] : [value].flat().map((item): [string, string] => [name, item ?? '']),
  );
  return new Request(url, { method, headers: named, ...(body !== undefined && { body: JSON.stringify(body) }) });
}
