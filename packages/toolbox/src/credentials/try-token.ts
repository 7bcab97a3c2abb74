import { type Db, tokenDestination } from '@errand/db';
import { argumentsOfPlainRead, type CallAuth, callTool, type Egress, readsThatFit } from '@errand/integrations';
import type { TryToken } from '@errand/ports/credentials';
import type { Hide } from './hide.ts';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 64 * 1024;
/** Trials at the same time in a process. Everyone who has a link can start one, so they are limited. */
const MAX_AT_ONCE = 20;

/** Tries a token: calls an enabled tool that reads, at the origin for which the token would be sealed. */
export function createTokenTrial(db: Db, egress: Egress, hide: Hide): TryToken {
  let running = 0;
  return async (workspaceId, connection, token) => {
    const { customerIntegrationId, baseUrl, auth } = connection;
    if (auth.type !== 'API_TOKEN' || running >= MAX_AT_ONCE) return 'unknown';
    hide(token);
    running++;
    try {
      const { tools } = db.forWorkspace(workspaceId);
      const names = readsThatFit(await tools.plainReads(customerIntegrationId)).slice(0, 1);
      const [found] = await tools.named([customerIntegrationId], names);
      const tool = found && 'tool' in found ? found.tool : undefined;
      const args = tool && argumentsOfPlainRead(tool);
      if (!tool || !args) return 'unknown';
      const outcome = await callTool(tool, args, {
        baseUrl,
        auth: { ...(auth as unknown as CallAuth & { type: 'API_TOKEN' }), token },
        credentialOrigin: tokenDestination(connection),
        egress,
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        tenant: workspaceId,
      });
      if (!outcome.ok && outcome.code === 'credential_rejected') return 'rejected';
      const { status = 0 } = outcome;
      return status >= 200 && status < 300 ? 'accepted' : 'unknown';
    } finally {
      running--;
    }
  };
}
