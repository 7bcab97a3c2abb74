import type { InputResponses, Json, ToolOutcome } from '@errand/contracts';
import { type Connection, type CredentialUse, type Db, inputStateLocation, tokenDestination } from '@errand/db';
import {
  type CallAuth,
  callMcpTool,
  callRenewing,
  callTool,
  credentialLocation,
  type Egress,
  failure,
  isMcpCall,
} from '@errand/integrations';
import type { CallInput, ToolRequest } from '@errand/ports/toolbox';
import type { Credentials, Opened } from '../credentials/credentials.ts';
import { authOf, isUnavailable, type OpenPassThrough, type Passed } from '../credentials/pass-through.ts';
import type { StaleLists } from './stale-lists.ts';

export type SendCall = (call: ToolRequest, connection: Connection) => Promise<ToolOutcome>;

type Deps = {
  egress: Egress;
  credentials: Credentials;
  openPassThrough: OpenPassThrough;
  vault: Db['vault'];
  staleList: StaleLists;
  /** Called for each credential that a call sends, for the audit log. */
  used: (use: CredentialUse) => void;
};

/**
 * Makes calls with the credential of the user, else of the workspace, and renews it if the service refuses it. A credential that the
 * caller of the run passed replaces both: neither is opened or changed, and no user is asked for another.
 */
export function createSender(deps: Deps): SendCall {
  const { egress, credentials, staleList, used } = deps;
  return async (call, connection) => {
    const { workspaceId, userId, runId } = call;
    const { customerIntegrationId, baseUrl } = connection;
    const credentialOrigin = tokenDestination(connection);
    const onStale = () => staleList(workspaceId, customerIntegrationId);
    if (connection.listStaleAt && connection.listStaleAt.getTime() <= Date.now()) onStale();
    const parts = sealedParts(deps, call, connection);
    if ('outcome' in parts) return parts.outcome;
    const { passed, input } = parts;
    const send = (auth: CallAuth, of: CredentialUse['of'] | undefined) => {
      if (of) used({ workspaceId, runId, customerIntegrationId, userId, of });
      const make = isMcpCall(call.tool.call) ? callMcpTool : callTool;
      const { idempotencyKey, signal, budget, timeoutMs } = call;
      const limits = { signal, budget, timeoutMs, tenant: workspaceId };
      const credential = { baseUrl, auth, credentialOrigin, passThrough: passed?.passThrough };
      const options = { ...limits, ...credential, egress, idempotencyKey, input, onStale };
      return make(call.tool, call.args as Record<string, Json>, options);
    };
    if (passed?.credential !== undefined) return send(authOf(connection), 'run');
    const key = { workspaceId, connection, userId };
    const outcome = await callRenewing<Opened>(
      () => credentials.open(key),
      (rejected, outcome, renewed) => credentials.renew(key, rejected, outcome, renewed),
      ({ auth, of }) => send(auth, of),
    );
    return !outcome.ok && outcome.code === 'scope_missing' ? credentials.askForMore(key, outcome) : outcome;
  };
}

type Parts = { passed?: Passed | undefined; input?: InputResponses | undefined };

/** Opens the sealed parts of a call, or returns its outcome if they cannot be sent. */
function sealedParts(
  { openPassThrough, vault }: Deps,
  call: ToolRequest,
  connection: Connection,
): Parts | { outcome: ToolOutcome } {
  let subject = 'The passThrough of the run';
  try {
    const passed = openPassThrough(call, connection.customerIntegrationId);
    const changed = passed && changeOf(connection, passed);
    if (changed !== undefined) return { outcome: failure('tool_changed', `${changed} Create the run again.`) };
    subject = 'The state of the service';
    return { passed, input: call.input && opened(vault, call.workspaceId, call.input) };
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return { outcome: failure('credential_unavailable', `${subject} cannot be opened. Create the run again.`) };
  }
}

const opened = (vault: Db['vault'], workspaceId: string, { answers, state }: CallInput): InputResponses => ({
  answers,
  ...(state && { state: vault.open(state.sealed, inputStateLocation(workspaceId, state.requestId)) }),
});

/** The change of the integration, since the passed values were checked, that prevents sending them. */
function changeOf(connection: Connection, { origin, passThrough, credential }: Passed): string | undefined {
  const { name } = connection;
  if (origin !== tokenDestination(connection)) {
    return `The origin of ${name} has changed since the run was created, so passThrough is not sent.`;
  }
  if (credential !== credentialLocation(passThrough, authOf(connection))) {
    return `The credential location of ${name} has changed since the run was created, so passThrough is not sent.`;
  }
  return undefined;
}
