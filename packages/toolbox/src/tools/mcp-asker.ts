import { problem, type ToolOutcome } from '@errand/contracts';
import type { Db } from '@errand/db';
import { type CallAuth, failure, type McpRefusal } from '@errand/integrations';
import type { McpAsker } from '@errand/ports/importer';
import type { Credentials, Opened } from '../credentials/credentials.ts';
import type { GrantKey } from '../credentials/grant-store.ts';
import type { Hide } from '../credentials/hide.ts';

export type AskerDeps = { db: Db; credentials: Credentials; hide: Hide };

/** What is sent along when an MCP server is asked for its tools. */
export type Asking = {
  auth: CallAuth;
  /** The user whose credential it is. */
  toolsUserId?: string;
  /** What is sent instead once the server has refused it. @throws ProblemError mcp_failed with what a user must do */
  again?: (refusal: McpRefusal) => Promise<CallAuth | undefined>;
};

/** As whom an MCP server is asked; undefined when a credential is wanted and there is none. */
export async function askingOf(deps: AskerDeps, workspaceId: string, asker: McpAsker): Promise<Asking | undefined> {
  const { db, credentials, hide } = deps;
  if ('connection' in asker) {
    const { connection } = asker;
    const as = async (userId: string): Promise<Asking | undefined> => {
      const key = { workspaceId, connection, userId };
      const opened = await credentials.open(key);
      if ('outcome' in opened) return undefined;
      return {
        auth: opened.auth,
        toolsUserId: opened.of === 'user' ? userId : undefined,
        again: (refusal) => nextAuth(credentials, key, opened, refusal),
      };
    };
    // The one of the last time, so that lists that differ by user do not change with each reading.
    const first = await as(asker.userId ?? connection.toolsUserId ?? '');
    if (first || connection.auth.type !== 'OAUTH2') return first;
    const another = await db.forWorkspace(workspaceId).grants.latestUser(connection);
    return another === undefined ? undefined : as(another);
  }
  const { auth, token } = asker;
  if (auth.type === 'NONE') return { auth: { type: 'NONE' } };
  if (!token) return undefined;
  hide(token);
  return { auth: { ...(auth as unknown as CallAuth & { type: 'API_TOKEN' }), token } };
}

async function nextAuth(
  credentials: Credentials,
  key: GrantKey,
  opened: Opened,
  { status, challenge }: McpRefusal,
): Promise<CallAuth | undefined> {
  const refused = (code: string) => failure(code, `It answered with status ${status}.`);
  let outcome: ToolOutcome;
  if (status === 401) {
    const next = await credentials.renew(key, opened, refused('credential_rejected'), false);
    if (!next) return undefined;
    if ('auth' in next) return next.auth;
    outcome = next.outcome;
  } else {
    if (opened.auth.type !== 'OAUTH2' || challenge.error !== 'insufficient_scope') return undefined;
    outcome = await credentials.askForMore(key, { ...refused('scope_missing'), scopes: challenge.scopes ?? [] });
  }
  if (outcome.ok) return undefined;
  throw problem('mcp_failed', `Its tools cannot be read now. ${outcome.message}`);
}
