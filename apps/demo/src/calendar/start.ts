import type { AddressInfo } from 'node:net';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { Holder } from '../authorization/grants.ts';
import { type CalendarDocument, calendarDocument, eventCheck } from './document.ts';
import { type CalendarEvent, Calendars } from './events.ts';
import { mountMcp } from './mcp.ts';
import { mountRest } from './rest.ts';
import { calendarTools } from './tools.ts';

export type CalendarOptions = {
  /** The authorization server, which checks access tokens. */
  readonly authorization: {
    readonly url: string;
    readonly scopes: Readonly<Record<string, string>>;
    check(token: string): Holder | undefined;
  };
  /** 0 or absent: any free port, always on 127.0.0.1. */
  readonly port?: number;
};

export type CalendarCall = { readonly operation: string; readonly user?: string; status?: number };

export type Calendar = {
  /** Origin; the paths of operations begin with `/v1`. */
  readonly url: string;
  /** The same calendar as an MCP server. */
  readonly mcpUrl: string;
  readonly documentUrl: string;
  readonly document: CalendarDocument;
  /** Every call of an operation, including refused calls, oldest first. */
  readonly calls: readonly CalendarCall[];
  /** The live events of a user. */
  events(user: string): readonly CalendarEvent[];
  close(): Promise<void>;
};

/** Starts a calendar with separate events for each user, identified by an access token. */
export async function startCalendar({ authorization, port = 0 }: CalendarOptions): Promise<Calendar> {
  const calendars = new Calendars();
  const calls: CalendarCall[] = [];
  const app = fastify({ requestTimeout: 10_000, bodyLimit: 64 * 1024, forceCloseConnections: true });
  const check = (token: string) => authorization.check(token);
  const note = (operation: string, reply: FastifyReply, holder: Holder | undefined) => {
    const call: CalendarCall = { operation, ...(holder && { user: holder.user }) };
    calls.push(call);
    reply.raw.once('finish', () => Object.assign(call, { status: reply.statusCode }));
  };

  app.get('/openapi.json', () => document);
  app.get('/operator/calls', () => calls);
  mountRest(app, { calendars, faultOf: (event) => faultOf(event), check, called: note });
  mountMcp(app, {
    origin: () => originOf(app),
    issuer: authorization.url,
    scopes: Object.keys(authorization.scopes),
    tools: () => tools,
    check,
    called: note,
  });
  await app.listen({ host: '127.0.0.1', port });
  const url = originOf(app);
  const document = calendarDocument(url, authorization.url, authorization.scopes);
  const faultOf = eventCheck(document);
  const tools = calendarTools({ document, calendars, faultOf });
  return {
    url,
    mcpUrl: `${url}/mcp`,
    documentUrl: `${url}/openapi.json`,
    document,
    calls,
    events: (user) => calendars.of(user),
    close: () => app.close(),
  };
}

const originOf = (app: FastifyInstance) => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
