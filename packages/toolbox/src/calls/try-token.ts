import type { ToolOutcome, ToolSpec } from '@errand/contracts';
import { type Db, tokenDestination } from '@errand/db';
import { type CallAuth, callTool, type Egress, readsForTrial, trialArguments } from '@errand/integrations';
import type { Trial, TrialResult, TryIntegration, TryToken } from '@errand/ports/credentials';
import type { Redact } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';
import type { Credentials } from '../credentials/credentials.ts';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 64 * 1024;
/** Limit of concurrent trials of each kind in a process, since anyone with a link can start one. */
const MAX_AT_ONCE = 20;

type TrialDeps = { db: Db; egress: Egress; redact: Redact; credentials: Pick<Credentials, 'open'> };
type TrialRead = { tool: ToolSpec; args: NonNullable<ReturnType<typeof trialArguments>> };

/** Trials of credentials by an enabled read, at the origin for which the credential is sealed. */
export function createTrials({ db, egress, redact, credentials }: TrialDeps): {
  tryToken: TryToken;
  tryIntegration: TryIntegration;
} {
  // Separate, so that callers cannot prevent trials on the pages of users.
  const unlessPageBusy = limiter();
  const unlessBusy = limiter();
  const call = (workspaceId: string, connection: ServiceTarget, { tool, args }: TrialRead, auth: CallAuth) =>
    callTool(tool, args, {
      baseUrl: connection.baseUrl,
      auth,
      credentialOrigin: tokenDestination(connection),
      egress,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      tenant: workspaceId,
    });
  return {
    tryToken: async (workspaceId, connection, token) => {
      if (connection.auth.type !== 'API_TOKEN') return 'unknown';
      redact(token);
      return unlessPageBusy<TrialResult>('unknown', async () => {
        const read = await trialReadOf(db, workspaceId, connection.customerIntegrationId);
        if (!read) return 'unknown';
        const auth = { ...(connection.auth as unknown as CallAuth & { type: 'API_TOKEN' }), token };
        return resultOf(await call(workspaceId, connection, read, auth));
      });
    },
    tryIntegration: (workspaceId, connection, { userId, tool }) =>
      unlessBusy<Trial>({ result: 'unknown', notTried: 'busy' }, async () => {
        const read = await trialReadOf(db, workspaceId, connection.customerIntegrationId, tool);
        if (!read) return { result: 'unknown', notTried: 'no_tool' };
        const needsUser = connection.auth.type === 'OAUTH2' && userId === undefined;
        // No user has an empty id, so that the credential of the workspace is opened.
        const opened = needsUser
          ? undefined
          : await credentials.open({ workspaceId, connection, userId: userId ?? '' });
        if (!opened || 'outcome' in opened) return { result: 'unknown', notTried: 'no_credential' };
        const outcome = await call(workspaceId, connection, read, opened.auth);
        return {
          result: resultOf(outcome),
          tool: read.tool.name,
          ...statusOf(outcome),
          ...(opened.owner && { of: opened.owner }),
        };
      }),
  };
}

/** Runs at most MAX_AT_ONCE trials; more return `busy`. */
function limiter() {
  let running = 0;
  return async <T>(busy: T, run: () => Promise<T>): Promise<T> => {
    if (running >= MAX_AT_ONCE) return busy;
    running++;
    try {
      return await run();
    } finally {
      running--;
    }
  };
}

/** @param name of the tool; by default the one that suits best */
async function trialReadOf(
  db: Db,
  workspaceId: string,
  customerIntegrationId: string,
  name?: string,
): Promise<TrialRead | undefined> {
  const { tools } = db.forWorkspace(workspaceId);
  const names =
    name === undefined ? readsForTrial(await tools.readsWithoutArguments(customerIntegrationId)).slice(0, 1) : [name];
  const [entry] = await tools.readByName([customerIntegrationId], names);
  // A tool that is off has no definition here.
  const tool = entry && 'tool' in entry ? entry.tool : undefined;
  const args = tool && trialArguments(tool);
  return args && { tool, args };
}

function resultOf(outcome: ToolOutcome): TrialResult {
  if (!outcome.ok && outcome.code === 'credential_rejected') return 'rejected';
  const { status = 0 } = outcome;
  return status >= 200 && status < 300 ? 'accepted' : 'unknown';
}

const statusOf = ({ status }: ToolOutcome): { status?: number } => (status === undefined ? {} : { status });
