import type { ToolOutcome } from '@errand/contracts';
import { type Db, tokenDestination } from '@errand/db';
import { type CallAuth, callTool, type Egress, readsForTrial, trialArguments } from '@errand/integrations';
import type { TrialResult, TryToken } from '@errand/ports/credentials';
import type { Redact } from '@errand/ports/log';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 64 * 1024;
/** Limit of concurrent trials in a process, since anyone with a link can start one. */
const MAX_AT_ONCE = 20;

/** Tries a token with an enabled read tool, at the origin for which the token would be sealed. */
export function createTokenTrial(db: Db, egress: Egress, redact: Redact): TryToken {
  let running = 0;
  return async (workspaceId, connection, token) => {
    if (connection.auth.type !== 'API_TOKEN' || running >= MAX_AT_ONCE) return 'unknown';
    redact(token);
    running++;
    try {
      const trialRead = await trialReadOf(db, workspaceId, connection.customerIntegrationId);
      if (!trialRead) return 'unknown';
      const auth = { ...(connection.auth as unknown as CallAuth & { type: 'API_TOKEN' }), token };
      const outcome = await callTool(trialRead.tool, trialRead.args, {
        baseUrl: connection.baseUrl,
        auth,
        credentialOrigin: tokenDestination(connection),
        egress,
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        tenant: workspaceId,
      });
      return resultOf(outcome);
    } finally {
      running--;
    }
  };
}

async function trialReadOf(db: Db, workspaceId: string, customerIntegrationId: string) {
  const { tools } = db.forWorkspace(workspaceId);
  const names = readsForTrial(await tools.readsWithoutArguments(customerIntegrationId)).slice(0, 1);
  const [entry] = await tools.readByName([customerIntegrationId], names);
  const tool = entry && 'tool' in entry ? entry.tool : undefined;
  const args = tool && trialArguments(tool);
  return args && { tool, args };
}

function resultOf(outcome: ToolOutcome): TrialResult {
  if (!outcome.ok && outcome.code === 'credential_rejected') return 'rejected';
  const { status = 0 } = outcome;
  return status >= 200 && status < 300 ? 'accepted' : 'unknown';
}
