import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Authorization, startAuthorizationServer } from '@errand/demo';
import { type McpBehaviour, type StubMcpServer, startStubMcpServer } from '@errand/integrations/testing';

const text = { type: 'string' };
const tools = [
  {
    name: 'add_note',
    title: 'Add a note',
    description: 'Adds a note',
    inputSchema: { type: 'object', properties: { text }, required: ['text'] },
  },
  {
    name: 'read_notes',
    description: 'All notes',
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: true },
  },
];
const CREATED_NOTE = { content: [], structuredContent: { id: 'note-1' } };
const SCOPES = { 'notes.read': 'Read your notes', 'notes.write': 'Write notes' };

/** Differences from a server that works. */
export type NotesOptions = {
  /** Overrides of its resource metadata. */
  metadata?: Record<string, unknown>;
  /** Scopes that a request needs, by its method or the tool that it calls. */
  wants?: (rpc: string, tool: string | undefined) => readonly string[];
  /** A tool that it refuses with any token, as if the token lacked this scope. */
  refuses?: { tool: string; scope: string };
  /** Its authorization server does not answer. */
  down?: boolean;
  more?: McpBehaviour;
};

export type NotesServer = {
  stub: StubMcpServer;
  authorization: Authorization;
  /** An authorization server that it does not name. */
  another: Authorization;
  behave(options?: NotesOptions): void;
  /** Accepted calls of tools. */
  calls: { tool: string; user: string; scopes: readonly string[] }[];
  /** Requests to its authorization server, as JSON. */
  atAuthorization: string[];
  /** The number of answers with 401 and 403. */
  refusals: { unauthorized: number; forbidden: number };
  close(): Promise<void>;
};

type Before = NonNullable<McpBehaviour['before']>;

/** An MCP server of notes, with an authorization server of its own. */
export async function startNotesServer(): Promise<NotesServer> {
  const atAuthorization: string[] = [];
  const onRequest = (request: object) => void atAuthorization.push(JSON.stringify(request));
  const authorization = await startAuthorizationServer({ scopes: SCOPES, onRequest });
  const another = await startAuthorizationServer({ scopes: SCOPES });
  const stub = await startStubMcpServer();
  const calls: NotesServer['calls'] = [];
  const refusals = { unauthorized: 0, forbidden: 0 };
  const metadataPath = '/.well-known/oauth-protected-resource/mcp';

  /** Answers with the metadata that names the authorization server. */
  function showMetadata(response: ServerResponse, { metadata, down }: NotesOptions): true {
    const issuer = down ? `${stub.origin}/down` : authorization.url;
    const servers = { authorization_servers: [issuer], scopes_supported: ['notes.read'] };
    return answer(response, 200, { resource: stub.url, ...servers, ...metadata });
  }

  /** Refuses a message whose token is missing or has too few scopes. @returns whether it answered */
  function refuse(
    { wants, refuses }: NotesOptions,
    response: ServerResponse,
    { token, message }: { token: string; message: Parameters<Before>[2] },
  ): boolean {
    if (message?.method === undefined) return false;
    const holder = authorization.check(token);
    if (holder?.resource !== stub.url) {
      refusals.unauthorized++;
      return answer(response, 401, {}, `Bearer resource_metadata="${stub.origin}${metadataPath}"`);
    }
    const tool = message.method === 'tools/call' ? message.params?.name : undefined;
    const never = refuses !== undefined && refuses.tool === tool;
    const requiredScopes = never ? [refuses.scope] : (wants?.(message.method, tool) ?? []);
    if (never || requiredScopes.some((scope) => !holder.scope.includes(scope))) {
      refusals.forbidden++;
      return answer(response, 403, {}, `Bearer error="insufficient_scope", scope="${requiredScopes.join(' ')}"`);
    }
    if (tool !== undefined) calls.push({ tool, user: holder.user, scopes: holder.scope });
    return false;
  }

  const behave = (options: NotesOptions = {}) => {
    const { more = {} } = options;
    calls.length = 0;
    atAuthorization.length = 0;
    Object.assign(refusals, { unauthorized: 0, forbidden: 0 });
    const before: Before = (request, response, message) =>
      more.before?.(request, response, message) ||
      (request.url === metadataPath && showMetadata(response, options)) ||
      (options.down && request.url?.endsWith('/down') && answer(response, 503, {})) ||
      refuse(options, response, { token: bearerOf(request), message });
    stub.behave({ tools, call: () => CREATED_NOTE, ...more, before });
  };
  behave();
  return {
    stub,
    authorization,
    another,
    behave,
    calls,
    atAuthorization,
    refusals,
    async close() {
      await stub.close();
      await authorization.close();
      await another.close();
    },
  };
}

const bearerOf = ({ headers }: IncomingMessage): string => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';

function answer(response: ServerResponse, status: number, body: object, challenge?: string): true {
  const headers = { 'content-type': 'application/json', ...(challenge && { 'www-authenticate': challenge }) };
  response.writeHead(status, headers).end(JSON.stringify(body));
  return true;
}
