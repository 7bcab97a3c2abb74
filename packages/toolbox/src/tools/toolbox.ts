import { chain, isPromise } from '@errand/basics/awaitable';
import { RecentCache } from '@errand/basics/cache/recent-cache';
import { describesOutput, hasChanged, problem } from '@errand/contracts';
import { type Connection, type Db, inputStateLocation, type SelectedIntegration } from '@errand/db';
import { type Failure, failure } from '@errand/integrations';
import { unusableText } from '@errand/plan';
import type { RunIdentity, Toolbox } from '@errand/ports/toolbox';
import { LRUCache } from 'lru-cache';
import type { SendCall } from '../calls/send-call.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { ChosenTools, type ToolCache } from './chosen-tools.ts';
import { SeenOutputs } from './seen-outputs.ts';

// Changes by this process apply at once; changes by other processes within this time.
const TTL_MS = 1000;
const TOOL_CACHE_BYTES = 32 * 1024 * 1024;

export type ServerToolbox = Toolbox & { forget(workspaceId: string): void };

/**
 * The tools of a workspace, from the database; called with the user's credential, else the workspace's.
 * @param bringsCredential whether a run has its own credential for an integration, so that its user needs none
 */
export function createToolbox(
  db: Db,
  send: SendCall,
  credentials: Pick<Credentials, 'isMissing' | 'forget'>,
  bringsCredential: (run: RunIdentity, customerIntegrationId: string) => boolean,
): ServerToolbox {
  const chosenCache = new RecentCache<SelectedIntegration[]>(TTL_MS);
  const toolCache: ToolCache = new LRUCache({ maxSize: TOOL_CACHE_BYTES });
  const seenOutputs = new SeenOutputs(db);

  const choose = (workspaceId: string, selection: readonly string[]) =>
    chosenCache.get(workspaceId, selection.join(' '), () => db.forWorkspace(workspaceId).tools.forSelection(selection));

  return {
    async catalog(workspaceId, selection, registeredUntil) {
      const chosen = await choose(workspaceId, selection);
      const connections = registeredUntil
        ? chosen.filter(({ registeredAt }) => registeredAt <= registeredUntil)
        : chosen;
      const present = new Set(connections.map((connection) => connection.customerIntegrationId));
      const missing = selection.filter((id) => id !== '*' && !present.has(id));
      const inactive = missing.length > 0 ? await inactiveOf(db, workspaceId, missing, chosen) : [];
      return new ChosenTools(db, toolCache, workspaceId, { integrations: connections, inactive });
    },

    approvalFloor: (workspaceId, customerIntegrationId) =>
      // Deleted and inactive integrations are not called.
      chain(choose(workspaceId, [customerIntegrationId]), ([connection]) => connection?.approvalFloor ?? 'NONE'),

    async missingCredentials(run, customerIntegrationIds, requireLaterScopes) {
      const { workspaceId, userId } = run;
      const connections = await choose(workspaceId, customerIntegrationIds);
      const missing = await Promise.all(
        connections.map(async (connection) =>
          !bringsCredential(run, connection.customerIntegrationId) &&
          (await credentials.isMissing({ workspaceId, userId, connection }, requireLaterScopes))
            ? [toMissing(connection)]
            : [],
        ),
      );
      return missing.flat();
    },

    sealState: (workspaceId, requestId, state) => db.vault.seal(state, inputStateLocation(workspaceId, requestId)),

    async call(request) {
      const { workspaceId, tool } = request;
      const choosing = choose(workspaceId, [tool.customerIntegrationId]);
      const chosen = isPromise(choosing) ? await choosing : choosing;
      const [connection] = chosen;
      const tools = new ChosenTools(db, toolCache, workspaceId, { integrations: chosen, inactive: [] });
      const current = tools.cached(tool.name) ?? (await tools.named([tool.name]))[0];
      if (!connection || !current) return missingTool(tools, tool.name);
      if (hasChanged(tool.fingerprint, current)) {
        return failure('tool_changed', 'It has changed since the plan was made.');
      }
      const outcome = await send(request, connection);
      if (outcome.ok && !describesOutput(tool)) void seenOutputs.record(request, tool, outcome.output);
      return outcome;
    },

    forget(workspaceId) {
      chosenCache.forget(workspaceId);
      credentials.forget(workspaceId);
    },
  };
}

/** The outcome of a call of a tool that may not be used any more. */
async function missingTool(tools: ChosenTools, name: string): Promise<Failure> {
  const reason = (await tools.unusable([name])).get(name);
  if (!reason) return failure('tool_not_allowed', 'It was deleted, or its integration was deleted or is inactive.');
  return failure(reason === 'off' ? 'tool_not_allowed' : 'tool_changed', unusableText(name, reason, 'It'));
}

/** The names of inactive integrations. @throws ProblemError connection_not_found for an id that does not exist or was reused */
async function inactiveOf(db: Db, workspaceId: string, ids: readonly string[], later: readonly Connection[]) {
  const names = await db.forWorkspace(workspaceId).integrations.namesOf(ids);
  return ids.map((customerIntegrationId) => {
    if (later.some((connection) => connection.customerIntegrationId === customerIntegrationId)) {
      const message = `The integration ${customerIntegrationId} was deleted; another integration has its id now.`;
      throw problem('connection_not_found', message, { values: { customerIntegrationIds: [customerIntegrationId] } });
    }
    const name = names.get(customerIntegrationId);
    if (name !== undefined) return { customerIntegrationId, name };
    const message = `There is no integration ${customerIntegrationId}. GET /v1/integrations lists all.`;
    throw problem('connection_not_found', message, { values: { customerIntegrationIds: [customerIntegrationId] } });
  });
}

const toMissing = ({ customerIntegrationId, name }: Connection) => ({ customerIntegrationId, integrationName: name });
