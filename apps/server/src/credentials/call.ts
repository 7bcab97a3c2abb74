import type { Json, ToolOutcome, ToolSpec } from '@errand/contracts';
import { type Connection, type CredentialUse, tokenDestination } from '@errand/db';
import { callRenewing, callTool, type Egress } from '@errand/integrations';
import type { Credentials, Opened } from './open.ts';
import type { HandedOn } from './pass-through.ts';

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
  openPassThrough: (workspaceId: string, runId: string, sealed: Uint8Array, id: string) => HandedOn | undefined;
  /** Told of each credential that goes into a call, for the audit log. */
  used: (use: CredentialUse) => void;
};

/** Makes calls with all that they need: opened for each, and got anew once when the service refuses it. */
export function createSender({ egress, credentials, openPassThrough, used }: Deps): SendCall {
  return async (call, connection) => {
    const { workspaceId, userId, runId, sealedPassThrough: sealed } = call;
    const { customerIntegrationId, baseUrl } = connection;
    const credentialOrigin = tokenDestination(connection);
    const handedOn = sealed && openPassThrough(workspaceId, runId, sealed, customerIntegrationId);
    if (handedOn && handedOn.origin !== credentialOrigin) return moved(connection);
    const passThrough = handedOn?.passThrough;
    const key = { workspaceId, connection, userId };
    return callRenewing<Opened>(
      () => credentials.open(key),
      (refused, outcome, renewed) => credentials.renew(key, refused, outcome, renewed),
      ({ auth, of }) => {
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
      },
    );
  };
}

const moved = ({ name }: Connection): ToolOutcome => ({
  ok: false,
  code: 'tool_changed',
  message: `${name} is called at another origin since the run was created, and what the run hands on is not sent there. Create the run again.`,
  retryable: false,
  effectKnown: 'no',
});
