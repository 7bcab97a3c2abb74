import type { Awaitable } from '@errand/basics/awaitable';
import { untracedParent } from '@errand/basics/trace-context';
import type { InputResponses, Json, ToolOutcome } from '@errand/contracts';
import { type Connection, type CredentialUse, type Db, inputStateLocation, tokenDestination } from '@errand/db';
import {
  type CallAuth,
  callMcpTool,
  callTool,
  callWithRenewal,
  failure,
  type InstanceEgress,
  isMcpCall,
  originOfCall,
  replacedLocation,
} from '@errand/integrations';
import type { CallInput, ToolRequest } from '@errand/ports/toolbox';
import type { Credentials, OpenedCredential } from '../credentials/credentials.ts';
import { authOf, isUnavailable, type OpenPassThrough, type PassedValues } from '../credentials/pass-through.ts';
import type { CallGate } from '../pauses/call-gate.ts';
import { expandRequest } from './expand-request.ts';
import type { MarkListStale } from './stale-lists.ts';

export type SendCall = (call: ToolRequest, connection: Connection) => Promise<ToolOutcome>;

type SenderDeps = {
  egress: InstanceEgress;
  credentials: Credentials;
  openPassThrough: OpenPassThrough;
  vault: Db['vault'];
  markListStale: MarkListStale;
  gate: Pick<CallGate, 'run'>;
  /** Called for each credential that a call sends, for the audit log. */
  onCredentialSent: (use: CredentialUse) => void;
};

/**
 * Makes calls with the credential of the user, else of the workspace, and renews it if the service refuses it. A credential that the
 * caller of the run passed replaces both: neither is opened or changed, and no user is asked for another.
 */
export function createSender(deps: SenderDeps): SendCall {
  const { egress, credentials, markListStale, onCredentialSent, gate } = deps;
  return async (call, stored) => {
    const { workspaceId, userId, runId } = call;
    const resolved = await credentials.resolve({ workspaceId, connection: stored, userId });
    if ('outcome' in resolved) return resolved.outcome;
    const { connection } = resolved;
    const { customerIntegrationId, rules } = connection;
    const expanded = expandRequest(resolved, call.tool.operation);
    if ('outcome' in expanded) return expanded.outcome;
    const { baseUrl, origin: credentialOrigin, fixed } = expanded;
    const onStale = () => markListStale(workspaceId, customerIntegrationId);
    if (connection.listStaleAt && connection.listStaleAt.getTime() <= Date.now()) onStale();
    const parts = openSealedParts(deps, call, connection);
    if ('outcome' in parts) return parts.outcome;
    const { runPassThrough, inputResponses } = parts;
    const gated = {
      workspaceId,
      customerIntegrationId,
      integrationName: connection.name,
      toolName: call.tool.name,
      origin: originOfCall(call.tool, baseUrl),
      limits: rules?.limits,
    };
    const send = (auth: CallAuth, owner: CredentialUse['of'] | undefined): Awaitable<ToolOutcome> =>
      // A limit applies to the credential: that of the workspace is the same for all users.
      gate.run({ ...gated, userId: owner === 'user' || owner === 'run' ? userId : '' }, () => sendNow(auth, owner));
    const sendNow = (auth: CallAuth, owner: CredentialUse['of'] | undefined): Awaitable<ToolOutcome> => {
      const { maySend } = call;
      // Opening the credential may have taken long. Requests over HTTP are checked once more when they are written.
      if (maySend && !maySend()) return failure('canceled', 'The process may have been suspended before the call.');
      if (owner) onCredentialSent({ workspaceId, runId, customerIntegrationId, userId, of: owner });
      const makeCall = isMcpCall(call.tool.call) ? callMcpTool : callTool;
      const { idempotencyKey, signal, budget, timeoutMs, span } = call;
      const limits = { signal, maySend, budget, timeoutMs, tenant: workspaceId };
      const target = { baseUrl, auth, credentialOrigin, fixed, passThrough: runPassThrough?.passThrough };
      const options = {
        ...limits,
        ...target,
        egress: egress.forWorkspace(workspaceId),
        rules,
        idempotencyKey,
        input: inputResponses,
        onStale,
        span,
        traceparent: rules?.traceparent ? untracedParent(runId) : undefined,
      };
      return makeCall(call.tool, call.args as Record<string, Json>, options);
    };
    if (runPassThrough?.credentialLocation !== undefined) return send(authOf(connection), 'run');
    const key = { workspaceId, connection, userId };
    const outcome = await callWithRenewal<OpenedCredential>(
      () => credentials.open(key),
      (rejected, outcome, renewed) => credentials.renew(key, rejected, outcome, renewed),
      ({ auth, owner }) => send(auth, owner),
    );
    return !outcome.ok && outcome.code === 'scope_missing' ? credentials.askForMore(key, outcome) : outcome;
  };
}

type OpenedParts = { runPassThrough?: PassedValues | undefined; inputResponses?: InputResponses | undefined };

/** Opens the sealed parts of a call, or returns its outcome if they cannot be sent. */
function openSealedParts(
  { openPassThrough, vault }: SenderDeps,
  call: ToolRequest,
  connection: Connection,
): OpenedParts | { outcome: ToolOutcome } {
  let subject = 'The passThrough of the run';
  try {
    const runPassThrough = openPassThrough(call, connection.customerIntegrationId);
    const changed = runPassThrough && targetChange(connection, runPassThrough);
    if (changed !== undefined) return { outcome: failure('tool_changed', `${changed} Create the run again.`) };
    subject = 'The state of the service';
    return { runPassThrough, inputResponses: call.input && openInput(vault, call.workspaceId, call.input) };
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return { outcome: failure('credential_unavailable', `${subject} cannot be opened. Create the run again.`) };
  }
}

const openInput = (vault: Db['vault'], workspaceId: string, { answers, state }: CallInput): InputResponses => ({
  answers,
  ...(state && { state: vault.open(state.sealed, inputStateLocation(workspaceId, state.requestId)) }),
});

/** The change of the integration, since the passed values were checked, that prevents sending them. */
function targetChange(
  connection: Connection,
  { origin, passThrough, credentialLocation }: PassedValues,
): string | undefined {
  const { name } = connection;
  if (origin !== tokenDestination(connection)) {
    return `The origin of ${name} has changed since the run was created, so passThrough is not sent.`;
  }
  if (credentialLocation !== replacedLocation(passThrough, authOf(connection))) {
    return `The credential location of ${name} has changed since the run was created, so passThrough is not sent.`;
  }
  return undefined;
}
