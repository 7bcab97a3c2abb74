import type { CallBudget } from '@errand/basics/call-budget';
import type { InputResponses, Json, ToolOutcome, ToolSpec } from '@errand/contracts';
import { type Connection, type CredentialUse, type Db, inputStateLocation, tokenDestination } from '@errand/db';
import {
  type CallAuth,
  callMcpTool,
  callRenewing,
  callTool,
  credentialLocation,
  type Egress,
  isMcpCall,
} from '@errand/integrations';
import type { CallInput } from '@errand/ports/toolbox';
import type { StaleLists } from '../tools/stale-lists.ts';
import type { Credentials, Opened } from './credentials.ts';
import { authOf, isUnavailable, type OpenPassThrough, type Passed } from './pass-through.ts';

/** A call on behalf of a user, as a run asks for it. */
export type UserCall = {
  workspaceId: string;
  userId: string;
  runId: string;
  tool: ToolSpec;
  args: Json;
  idempotencyKey?: string;
  sealedPassThrough?: Uint8Array;
  input?: CallInput;
  signal: AbortSignal;
  budget: CallBudget;
  timeoutMs: number;
};

export type SendCall = (call: UserCall, connection: Connection) => Promise<ToolOutcome>;

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
 * Makes calls with the credential of the user, else of the workspace; renews it when the service refuses it. A credential that the
 * caller of the run passed replaces both: neither is opened or changed, and no user is asked for another.
 */
export function createSender({ egress, credentials, openPassThrough, vault, staleList, used }: Deps): SendCall {
  return async (call, connection) => {
    const { workspaceId, userId, runId, sealedPassThrough: sealed } = call;
    const { customerIntegrationId, baseUrl } = connection;
    const credentialOrigin = tokenDestination(connection);
    const onStale = () => staleList(workspaceId, customerIntegrationId);
    if (connection.listStaleAt && connection.listStaleAt.getTime() <= Date.now()) onStale();
    let passed: Passed | undefined;
    try {
      passed = sealed && openPassThrough(workspaceId, runId, sealed, customerIntegrationId);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return refused('credential_unavailable', 'The passThrough of the run cannot be opened. Create the run again.');
    }
    if (passed) {
      const changed = changeOf(connection, passed);
      if (changed !== undefined) return refused('tool_changed', `${changed} Create the run again.`);
    }
    const passThrough = passed?.passThrough;
    let input: InputResponses | undefined;
    try {
      input = call.input && opened(vault, workspaceId, call.input);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return refused('credential_unavailable', 'What the service wants back cannot be opened. Create the run again.');
    }
    const send = (auth: CallAuth, of: CredentialUse['of'] | undefined) => {
      if (of) used({ workspaceId, runId, customerIntegrationId, userId, of });
      const make = isMcpCall(call.tool.call) ? callMcpTool : callTool;
      return make(call.tool, call.args as Record<string, Json>, {
        baseUrl,
        auth,
        credentialOrigin,
        egress,
        idempotencyKey: call.idempotencyKey,
        signal: call.signal,
        budget: call.budget,
        timeoutMs: call.timeoutMs,
        tenant: workspaceId,
        ...(passThrough && { passThrough }),
        ...(input && { input }),
        onStale,
      });
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

const opened = (vault: Db['vault'], workspaceId: string, { answers, state }: CallInput): InputResponses => ({
  answers,
  ...(state && { state: vault.open(state.sealed, inputStateLocation(workspaceId, state.requestId)) }),
});

/** Why the passed values are not sent: the integration has changed since they were checked. */
function changeOf(connection: Connection, { origin, passThrough, credential }: Passed): string | undefined {
  const { name } = connection;
  if (origin !== tokenDestination(connection)) {
    return `${name} is called at another origin since the run was created, so passThrough is not sent.`;
  }
  if (credential !== credentialLocation(passThrough, authOf(connection))) {
    return `${name} takes its credential in another header or parameter since the run was created, so passThrough is not sent.`;
  }
  return undefined;
}

const refused = (code: string, message: string): ToolOutcome => ({
  ok: false,
  code,
  message,
  retryable: false,
  effectKnown: 'no',
});
