import type { Json, TestRule, ToolOutcome, ToolSpec } from '@errand/contracts';
import type { Db } from '@errand/db';
import {
  accountIn,
  type CallAuth,
  callTool,
  type InstanceEgress,
  readsForTrial,
  testArguments,
  testOperations,
  trialArguments,
} from '@errand/integrations';
import type { TokenTrial, Trial, TrialResult, TryIntegration, TryToken } from '@errand/ports/credentials';
import type { Redact } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';
import type { Credentials, OpenedCredential } from '../credentials/credentials.ts';
import type { Resolved } from '../credentials/variables.ts';
import { expandRequest } from './expand-request.ts';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 64 * 1024;
/** Limit of concurrent trials of each kind in a process, since anyone with a link can start one. */
const MAX_AT_ONCE = 20;

type TrialDeps = { db: Db; egress: InstanceEgress; redact: Redact; credentials: Pick<Credentials, 'open' | 'resolve'> };
/** `rule`: the rule that names the operation. */
type TrialCall = { tool: ToolSpec; args: Record<string, Json>; rule?: TestRule };

/**
 * Trials of credentials, at the origin for which the credential is sealed: by the operation that the rules of the integration name,
 * otherwise by an enabled read.
 */
export function createTrials({ db, egress, redact, credentials }: TrialDeps): {
  tryToken: TryToken;
  tryIntegration: TryIntegration;
} {
  // Separate, so that callers cannot prevent trials on the pages of users.
  const unlessPageBusy = limiter();
  const unlessBusy = limiter();
  const call = async (workspaceId: string, key: Resolved<ServiceTarget>, { tool, args }: TrialCall, auth: CallAuth) => {
    const expanded = expandRequest(key, tool.operation);
    if ('outcome' in expanded) return expanded.outcome;
    const { baseUrl, origin: credentialOrigin, fixed } = expanded;
    const { rules } = key.connection;
    const limits = {
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      tenant: workspaceId,
      egress: egress.forWorkspace(workspaceId),
    };
    return callTool(tool, args, { ...limits, baseUrl, auth, credentialOrigin, fixed, rules });
  };
  return {
    tryToken: async (workspaceId, connection, token) => {
      const { type } = connection.auth;
      if (type !== 'API_TOKEN' && type !== 'BASIC') return UNKNOWN;
      redact(token);
      return unlessPageBusy<TokenTrial>(UNKNOWN, async () => {
        const trialCall = await trialCallOf(db, workspaceId, connection);
        if (!trialCall) return UNKNOWN;
        const auth = { ...(connection.auth as unknown as CallAuth & { type: 'API_TOKEN' | 'BASIC' }), token };
        const { userVariables } = connection;
        const resolved = await credentials.resolve({ workspaceId, connection, userId: '' });
        if ('outcome' in resolved) return UNKNOWN;
        // The values that the user entered are not stored yet.
        const entered = { ...resolved, connection: { ...resolved.connection, userVariables } };
        return toTrial(await call(workspaceId, entered, trialCall, auth), connection, trialCall);
      });
    },
    tryIntegration: (workspaceId, connection, { userId, tool }) =>
      unlessBusy<Trial>({ result: 'unknown', notTried: 'busy' }, async () => {
        const trialCall = await trialCallOf(db, workspaceId, connection, tool);
        if (!trialCall) return { result: 'unknown', notTried: 'no_tool' };
        const key = await keyForTrial(credentials, { workspaceId, connection, userId });
        if (!key) return { result: 'unknown', notTried: 'no_credential' };
        const { resolved, opened } = key;
        const outcome = await call(workspaceId, resolved, trialCall, opened.auth);
        return {
          ...toTrial(outcome, connection, trialCall),
          tool: trialCall.tool.name,
          ...statusOf(outcome),
          ...(opened.owner && { of: opened.owner }),
        };
      }),
  };
}

/** The integration with the values for a user, and the credential; undefined if there is none. */
async function keyForTrial(
  credentials: TrialDeps['credentials'],
  { workspaceId, connection, userId }: { workspaceId: string; connection: ServiceTarget; userId: string | undefined },
): Promise<{ resolved: Resolved<ServiceTarget>; opened: OpenedCredential } | undefined> {
  if (connection.auth.type === 'OAUTH2' && userId === undefined) return undefined;
  // No user has an empty id, so that the credential of the workspace is opened.
  const key = { workspaceId, connection, userId: userId ?? '' };
  const resolved = await credentials.resolve(key);
  if ('outcome' in resolved) return undefined;
  const opened = await credentials.open({ ...key, connection: resolved.connection });
  return 'outcome' in opened ? undefined : { resolved, opened };
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

const UNKNOWN: TokenTrial = { result: 'unknown' };

/** @param name of the tool; by default that of the rules, else the one that suits best */
async function trialCallOf(
  db: Db,
  workspaceId: string,
  { customerIntegrationId, rules }: ServiceTarget,
  name?: string,
): Promise<TrialCall | undefined> {
  const { tools } = db.forWorkspace(workspaceId);
  const rule = rules?.test;
  if (rule && name === undefined) {
    const tool = await tools.byOperation(customerIntegrationId, testOperations(rule));
    const args = tool && testArguments(tool, rule);
    return args && { tool, args, rule };
  }
  const names =
    name === undefined ? readsForTrial(await tools.readsWithoutArguments(customerIntegrationId)).slice(0, 1) : [name];
  const [entry] = await tools.readByName([customerIntegrationId], names);
  // A tool that is off has no definition here.
  const tool = entry && 'tool' in entry ? entry.tool : undefined;
  const args = tool && trialArguments(tool);
  return args && { tool, args };
}

function toTrial(outcome: ToolOutcome, connection: ServiceTarget, { rule }: TrialCall): TokenTrial {
  const result = resultOf(outcome, connection);
  const account = result === 'accepted' && rule && outcome.ok ? accountIn(outcome.output, rule) : undefined;
  return { result, ...(account !== undefined && { account }) };
}

function resultOf(outcome: ToolOutcome, { rules }: ServiceTarget): TrialResult {
  if (!outcome.ok && outcome.code === 'credential_rejected') return 'rejected';
  // With rules for answers, a status of success may come with a refusal.
  if (!outcome.ok && rules?.answers) return 'unknown';
  const { status = 0 } = outcome;
  return status >= 200 && status < 300 ? 'accepted' : 'unknown';
}

const statusOf = ({ status }: ToolOutcome): { status?: number } => (status === undefined ? {} : { status });
