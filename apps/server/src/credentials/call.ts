import type { Json, ToolOutcome, ToolSpec } from '@errand/contracts';
import type { Connection, CredentialUse } from '@errand/db';
import { callRenewing, callTool, type Egress, type PassThrough } from '@errand/integrations';
import type { Credentials } from './open.ts';

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
  openPassThrough: (workspaceId: string, runId: string, sealed: Uint8Array, id: string) => PassThrough | undefined;
  /** Told of each credential that goes into a call, for the audit log. */
  used: (use: CredentialUse) => void;
};

/** Makes calls with all that they need: opened for each, and got anew once when the service refuses it. */
export function createSender({ egress, credentials, openPassThrough, used }: Deps): SendCall {
  return async (call, connection) => {
    const { workspaceId, userId, runId, sealedPassThrough: sealed } = call;
    const { customerIntegrationId, baseUrl } = connection;
    const passThrough = sealed && openPassThrough(workspaceId, runId, sealed, customerIntegrationId);
    return callRenewing(
      async (rejected) => {
        const opened = await credentials.open({ workspaceId, connection, userId }, rejected);
        if ('outcome' in opened) return opened;
        if (opened.of) used({ workspaceId, runId, customerIntegrationId, userId, of: opened.of });
        return opened.auth;
      },
      (auth) =>
        callTool(call.tool, call.args as Record<string, Json>, {
          baseUrl,
          auth,
          egress,
          idempotencyKey: call.idempotencyKey,
          signal: call.signal,
          timeoutMs: call.timeoutMs,
          tenant: workspaceId,
          ...(passThrough && { passThrough }),
        }),
    );
  };
}
