import { setTimeout as sleep } from 'node:timers/promises';
import { sha256Bytes } from '@errand/basics/sha256';
import { type CallerPrincipal, type CreatedRun, type CreateRunInput, type Json, problem } from '@errand/contracts';
import {
  claimRequest,
  finishRequest,
  forgetRequest,
  type KeyedRequest,
  newId,
  RunExists,
  type RunScope,
  unlockRequest,
} from '@errand/db';
import { AnswerText, BacklogFull } from '@errand/engine';
import { canonicalJson } from '@errand/plan';
import { ProblemError, type ReplyOptions } from '@errand/trpc-openapi';
import type { Context } from '../context.ts';
import { readRunWithPlan } from './run-with-plan.ts';

/** A claim expires after the wait of its request plus this time, because its process is considered dead. */
const GRACE_MS = 30_000;
/** Pause between attempts to release a claim while the database fails. */
const RETRY_MS = 500;

/** A request that creates a run: its operation, key and body. */
export type IdempotentRequest = {
  operation: string;
  idempotencyKey: string;
  body: { passThrough?: CreateRunInput['passThrough']; idempotencyKey?: unknown; prefer?: unknown };
};

/**
 * Creates a run once for each Idempotency-Key: the first request claims the key and creates the run, later requests get its answer.
 * The claim contains the run's id. After a crash another process finds the run or creates it with the same id, so there is never a
 * second run. A refused request leaves no claim.
 * @returns the whole run as JSON text, from which the caller must remove parts that the key may not see
 * @throws ProblemError idempotency_key_reused, request_in_progress
 */
export async function createOnce(
  { principal, deps }: Context,
  { operation, idempotencyKey, body }: IdempotentRequest,
  { waitMs, reply }: { waitMs: number; reply: (answer: ReplyOptions) => void },
  create: (runId: string) => Promise<CreatedRun | AnswerText<CreatedRun>>,
): Promise<string> {
  const scope = { pool: deps.db.poolOf(principal.workspaceId), workspaceId: principal.workspaceId };
  const request = { ...keyOf(principal, operation, idempotencyKey), sha256: bodyHash(body) };
  const candidateId = newId();
  const claim = await claimRequest(scope, request, waitMs + GRACE_MS, candidateId).catch(async (error) => {
    // The claim may exist although its answer was lost.
    await releaseClaim(scope, request, candidateId);
    throw error;
  });
  switch (claim.state) {
    case 'done':
      reply({ headers: { 'idempotent-replayed': 'true' } });
      return claim.body;
    case 'other':
      throw problem('idempotency_key_reused', 'This Idempotency-Key was used with a different body.');
    case 'in_flight':
      throw problem('request_in_progress', 'The first request with this key is still in progress.', {
        headers: { 'retry-after': '1' },
        values: { retryAfterSeconds: 1 },
      });
  }
  const { runId } = claim;
  try {
    const find = () => findCreatedRun(deps.engine, principal.workspaceId, runId);
    const run = (claim.takenOver ? await find() : null) ?? (await create(runId).catch(orStored(find)));
    const text = run instanceof AnswerText ? run.text : JSON.stringify(run);
    await finishRequest(scope, request, runId, text);
    return text;
  } catch (error) {
    // A refused run does not exist. After any other error it may exist, so the claim with its id stays.
    if (isRefusal(error)) await forgetRequest(scope, request, runId).catch(() => {});
    else await releaseClaim(scope, request, runId);
    throw error;
  }
}

/** The keys of user tokens are those of their users: they never meet keys of other callers. An Idempotency-Key has no space. */
const keyOf = (principal: CallerPrincipal, operation: string, key: string) =>
  principal.kind === 'user_token'
    ? { operation: `${operation} by a user`, key: `${principal.userId} ${key}` }
    : { operation, key };

/** Releases the claim for the next request with the key. Retries in the background while the database fails. */
async function releaseClaim(scope: RunScope, request: KeyedRequest, runId: string): Promise<void> {
  const until = performance.now() + GRACE_MS;
  const attempt = async (): Promise<void> => {
    try {
      await unlockRequest(scope, request, runId);
    } catch {
      if (performance.now() > until) return;
      await sleep(RETRY_MS, undefined, { ref: false });
      await attempt();
    }
  };
  await Promise.race([attempt(), sleep(RETRY_MS)]);
}

/**
 * Hash that identifies equal requests: the whole body in canonical order, with defaults. It omits the values of passThrough, because
 * the hash of a weak password reveals it to anyone who can guess the rest.
 */
function bodyHash({ idempotencyKey: _, prefer: __, passThrough, ...body }: IdempotentRequest['body']): Buffer {
  const passThroughNames = passThrough?.map(({ customerIntegrationId, headers = {}, query = {} }) => ({
    customerIntegrationId,
    headers: Object.keys(headers).sort(),
    query: Object.keys(query).sort(),
  }));
  return sha256Bytes(canonicalJson(JSON.parse(JSON.stringify({ ...body, passThrough: passThroughNames })) as Json));
}

async function findCreatedRun(
  engine: Context['deps']['engine'],
  workspaceId: string,
  runId: string,
): Promise<AnswerText<CreatedRun> | null> {
  try {
    const view = { runId, includeEvents: false };
    const run = await engine.getRun(workspaceId, { ...view, includeToolCalls: false });
    return await readRunWithPlan(engine, workspaceId, { ...view, executionPlanId: run.value().executionPlanId });
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'not_found') return null;
    throw error;
  }
}

/** A statement of an earlier attempt may commit at any time, for example after its commit waited for a standby. */
const orStored =
  <T>(find: () => Promise<T | null>) =>
  async (error: unknown): Promise<T> => {
    const stored = error instanceof RunExists ? await find() : null;
    if (stored === null) throw error;
    return stored;
  };

const isRefusal = (error: unknown): boolean =>
  error instanceof BacklogFull || (error instanceof ProblemError && error.code !== 'unavailable');
