import { problem, type Secret, type ToolOutcome } from '@errand/contracts';
import type { Connection, CredentialUse, Db, OpenCredential, StoredTool } from '@errand/db';
import type { Toolbox, ToolRequest } from '@errand/engine';
import { ProblemError } from '@errand/trpc-openapi';
import { Recent } from './recent.ts';
import type { Scrubber } from './scrub.ts';

// This process learns of its own changes at once; those of others count after this.
const TTL_MS = 1000;

/** Where a token goes, and the token. */
export type TokenAuth = {
  type: 'NONE' | 'API_TOKEN';
  in?: 'header' | 'query';
  name?: string;
  prefix?: string;
  token?: Secret;
};

/** Sends one call, once all has been found that it needs. */
export type SendCall = (request: ToolRequest, connection: Connection, auth: TokenAuth) => Promise<ToolOutcome>;

export type ServerToolbox = Toolbox & { forget(workspaceId: string): void };

type Usable = { connections: Connection[]; tools: StoredTool[] };

/**
 * Tools of a workspace: chosen from the database, called with the user's token, else the workspace's.
 * @param used is told of each credential that goes into a call, for the audit log
 */
export function createToolbox(
  db: Db,
  send: SendCall,
  scrubber: Scrubber,
  used: (use: CredentialUse) => void = () => {},
): ServerToolbox {
  const usable = new Recent<Usable>(TTL_MS);
  const tokens = new Recent<OpenCredential | null>(TTL_MS);

  const choose = (workspaceId: string, selection: readonly string[]) =>
    usable.get(workspaceId, selection.join(' '), () => db.forWorkspace(workspaceId).tools.forSelection(selection));

  const open = (workspaceId: string, id: string, userId: string) =>
    tokens.get(workspaceId, JSON.stringify([id, userId]), () =>
      db.forWorkspace(workspaceId).credentials.open(id, userId),
    );

  return {
    async tools(workspaceId, selection) {
      const chosen = await choose(workspaceId, selection);
      const known = new Set(chosen.connections.map((one) => one.customerIntegrationId));
      const missing = selection.filter((id) => id !== '*' && !known.has(id));
      if (missing.length > 0) await refuseUnknown(db, workspaceId, missing);
      return {
        tools: chosen.tools,
        instructions: chosen.connections.flatMap(({ customerIntegrationId, instructions }) =>
          instructions ? [{ customerIntegrationId, text: instructions }] : [],
        ),
      };
    },

    async lacks(workspaceId, userId, customerIntegrationIds) {
      const { connections } = await choose(workspaceId, customerIntegrationIds);
      const found = await Promise.all(
        connections.map(async ({ customerIntegrationId, name, auth }) => {
          if (auth.type === 'NONE') return [];
          // One that is kept and does not open is an operator's matter: the call says so.
          const credential = await open(workspaceId, customerIntegrationId, userId).catch(() => undefined);
          return credential === null ? [{ customerIntegrationId, integrationName: name }] : [];
        }),
      );
      return found.flat();
    },

    async call(request) {
      const { workspaceId, userId, tool } = request;
      const id = tool.customerIntegrationId;
      const { connections, tools } = await choose(workspaceId, [id]);
      const connection = connections[0];
      const current = tools.find((one) => one.name === tool.name);
      if (!connection || !current) {
        return refused('tool_not_allowed', `${tool.name} is disabled, or its integration is gone or inactive.`);
      }
      if ('sha256' in tool && tool.sha256 !== current.sha256) {
        return refused('tool_changed', `${tool.name} has changed since the plan was made.`);
      }
      const auth = connection.auth as TokenAuth;
      if (auth.type === 'NONE') return send(request, connection, { type: 'NONE' });
      try {
        const credential = await open(workspaceId, id, userId);
        if (!credential) return refused('credential_missing', missingToken(connection, userId));
        scrubber.add(credential.token);
        used({ workspaceId, runId: request.runId, customerIntegrationId: id, userId, of: credential.of });
        const { type, in: place, name, prefix } = auth;
        return await send(request, connection, { type, in: place, name, prefix, token: credential.token });
      } catch (error) {
        if (!(error instanceof ProblemError) || error.code !== 'credential_unavailable') throw error;
        return refused('credential_unavailable', 'The stored credential cannot be opened. Store it anew.');
      }
    },

    forget(workspaceId) {
      usable.forget(workspaceId);
      tokens.forget(workspaceId);
    },
  };
}

async function refuseUnknown(db: Db, workspaceId: string, ids: readonly string[]): Promise<void> {
  const [unknown] = await db.forWorkspace(workspaceId).integrations.unknown(ids);
  if (unknown === undefined) return;
  throw problem(
    'connection_not_found',
    `There is no integration ${unknown}. GET /v1/integrations lists those there are.`,
  );
}

const missingToken = ({ name, customerIntegrationId }: Connection, userId: string) =>
  `${name} needs a token, and neither the user nor the workspace has one. PUT it to /v1/integrations/${customerIntegrationId}/users/${encodeURIComponent(userId)}/credentials, or PATCH the integration's auth.`;

const refused = (code: string, message: string): ToolOutcome => ({
  ok: false,
  code,
  message,
  retryable: false,
  effectKnown: 'no',
});
