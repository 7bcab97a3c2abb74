import type { Json, ToolOutcome, ToolSpec } from '@errand/contracts';
import { type Connection, type CredentialUse, tokenDestination } from '@errand/db';
import { type CallAuth, callRenewing, callTool, credentialLocation, type Egress } from '@errand/integrations';
import type { Credentials, Opened } from './credentials.ts';
import { authOf, type HandedOn, isUnavailable, type OpenPassThrough } from './pass-through.ts';

/** A call on behalf of a user, as a run asks for it. */
export type UserCall = {
  workspaceId: string;
  userId: string;
  runId: string;
  tool: ToolSpec;
  args: Json;
  idempotencyKey?: string;
  sealedPassThrough?: Uint8Array;
  signal: AbortSignal;
  timeoutMs: number;
};

export type SendCall = (call: UserCall, connection: Connection) => Promise<ToolOutcome>;

type Deps = {
  egress: Egress;
  credentials: Credentials;
  /** Opens what the caller of a run hands on. */
  openPassThrough: OpenPassThrough;
  /** Told of each credential that goes into a call, for the audit log. */
  used: (use: CredentialUse) => void;
};

/**
 * Makes calls with all that they need: opened for each, and got once more when the service refuses it. A credential that the run
 * hands on stands in for the user's and the workspace's: theirs is neither opened nor changed, and nobody is asked for another.
 */
export function createSender({ egress, credentials, openPassThrough, used }: Deps): SendCall {
  return async (call, connection) => {
    const { workspaceId, userId, runId, sealedPassThrough: sealed } = call;
    const { customerIntegrationId, baseUrl } = connection;
    const credentialOrigin = tokenDestination(connection);
    let handedOn: HandedOn | undefined;
    try {
      handedOn = sealed && openPassThrough(workspaceId, runId, sealed, customerIntegrationId);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return refused('credential_unavailable', 'What the run hands on cannot be opened. Create the run again.');
    }
    if (handedOn) {
      const changed = changeOf(connection, handedOn);
      if (changed !== undefined) return refused('tool_changed', `${changed} Create the run again.`);
    }
    const passThrough = handedOn?.passThrough;
    const send = (auth: CallAuth, of: CredentialUse['of'] | undefined) => {
      if (of) used({ workspaceId, runId, customerIntegrationId, userId, of });
      return callTool(call.tool, call.args as Record<string, Json>, {
        baseUrl,
        auth,
        credentialOrigin,
        egress,
        idempotencyKey: call.idempotencyKey,
        signal: call.signal,
        timeoutMs: call.timeoutMs,
        tenant: workspaceId,
        ...(passThrough && { passThrough }),
      });
    };
    if (handedOn?.credential !== undefined) return send(authOf(connection), 'run');
    const key = { workspaceId, connection, userId };
    return callRenewing<Opened>(
      () => credentials.open(key),
      (rejected, outcome, renewed) => credentials.renew(key, rejected, outcome, renewed),
      ({ auth, of }) => send(auth, of),
    );
  };
}

/** Why what the run hands on is not sent any more: it was checked, and meant, for the integration as it was. */
function changeOf(connection: Connection, { origin, passThrough, credential }: HandedOn): string | undefined {
  const { name } = connection;
  if (origin !== tokenDestination(connection)) {
    return `${name} is called at another origin since the run was created, and what the run hands on is not sent there.`;
  }
  if (credential !== credentialLocation(passThrough, authOf(connection))) {
    return `${name} takes its credential in another place since the run was created, and what the run hands on is not sent.`;
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
