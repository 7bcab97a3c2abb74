import { problem, type ToolOutcome } from '@errand/contracts';
import type { Connection, CredentialUse, Db, StoredTool } from '@errand/db';
import type { Toolbox, ToolRequest } from '@errand/engine';
import { type CallAuth, callRenewing, type PassThrough } from '@errand/integrations';
import type { Credentials } from './credentials/open.ts';
import { Recent } from './recent.ts';

// This process learns of its own changes at once; those of others count after this.
const TTL_MS = 1000;

/** Sends one call, once all has been found that it needs. */
export type SendCall = (
  request: ToolRequest,
  connection: Connection,
  auth: CallAuth,
  passThrough: PassThrough | undefined,
) => Promise<ToolOutcome>;

export type ServerToolbox = Toolbox & { forget(workspaceId: string): void };

export type ToolboxDeps = {
  db: Db;
  send: SendCall;
  credentials: Credentials;
  /** Opens what the caller of a run hands on. */
  openPassThrough: (workspaceId: string, runId: string, sealed: Uint8Array, id: string) => PassThrough | undefined;
  /** Told of each credential that goes into a call, for the audit log. */
  used?: (use: CredentialUse) => void;
};

type Usable = { connections: Connection[]; tools: StoredTool[]; inReview: string[] };

/** Tools of a workspace: chosen from the database, called with the user's credential, else the workspace's. */
export function createToolbox({ db, send, credentials, openPassThrough, used }: ToolboxDeps): ServerToolbox {
  const usable = new Recent<Usable>(TTL_MS);

  const choose = (workspaceId: string, selection: readonly string[]) =>
    usable.get(workspaceId, selection.join(' '), () => db.forWorkspace(workspaceId).tools.forSelection(selection));

  return {
    async tools(workspaceId, selection) {
      const chosen = await choose(workspaceId, selection);
      const known = new Set(chosen.connections.map((one) => one.customerIntegrationId));
      const missing = selection.filter((id) => id !== '*' && !known.has(id));
      if (missing.length > 0) await refuseUnknown(db, workspaceId, missing);
      return {
        tools: chosen.tools,
        inReview: chosen.inReview,
        instructions: chosen.connections.flatMap(({ customerIntegrationId, instructions }) =>
          instructions ? [{ customerIntegrationId, text: instructions }] : [],
        ),
      };
    },

    async lacks(workspaceId, userId, customerIntegrationIds) {
      const { connections } = await choose(workspaceId, customerIntegrationIds);
      const found = await Promise.all(
        connections.map(async (connection) =>
          (await credentials.lacks({ workspaceId, userId, connection })) ? [lackOf(connection)] : [],
        ),
      );
      return found.flat();
    },

    async call(request) {
      const { workspaceId, userId, runId, tool, sealedPassThrough: sealed } = request;
      const id = tool.customerIntegrationId;
      const { connections, tools, inReview } = await choose(workspaceId, [id]);
      const connection = connections[0];
      const current = tools.find((one) => one.name === tool.name);
      if (inReview.includes(tool.name)) {
        return refused('tool_changed', `${tool.name} has changed at its service and waits for review.`);
      }
      if (!connection || !current) {
        return refused('tool_not_allowed', `${tool.name} is disabled, or its integration is gone or inactive.`);
      }
      if ('sha256' in tool && tool.sha256 !== current.sha256) {
        return refused('tool_changed', `${tool.name} has changed since the plan was made.`);
      }
      const passThrough = sealed && openPassThrough(workspaceId, runId, sealed, id);
      return callRenewing(
        async (rejected) => {
          const opened = await credentials.open({ workspaceId, connection, userId }, rejected);
          if ('outcome' in opened) return opened;
          if (opened.of) used?.({ workspaceId, runId, customerIntegrationId: id, userId, of: opened.of });
          return opened.auth;
        },
        (auth) => send(request, connection, auth, passThrough),
      );
    },

    forget(workspaceId) {
      usable.forget(workspaceId);
      credentials.forget(workspaceId);
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

const lackOf = ({ customerIntegrationId, name }: Connection) => ({ customerIntegrationId, integrationName: name });

const refused = (code: string, message: string): ToolOutcome => ({
  ok: false,
  code,
  message,
  retryable: false,
  effectKnown: 'no',
});
