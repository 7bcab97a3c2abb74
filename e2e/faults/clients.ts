import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { Entry, History } from './history.ts';
import { oldName } from './old-runs.ts';
import { planOf, type Shape, type Strategy, shapes, strategies } from './plans.ts';
import { type Random, seeded } from './random.ts';
import { tokenOf } from './third-party.ts';
import type { Trial } from './trials.ts';

/** An errand, from the view of its client. */
export type Errand = {
  /** Its name in its plan, its metadata and its idempotency key. */
  name: string;
  shape: Shape;
  strategy: Strategy;
  userId: string;
  /** Set once it is accepted. */
  runId?: string;
  /** Its reruns, each of the one before it: the step, and the run once it is accepted. */
  reruns?: { from: string; runId?: string }[];
  /** Whether its client has made its last request about it. */
  isOver?: boolean;
};

type Request = { method: string; path: string; body?: unknown; key?: string };
export type Answer = { status: number; text: string };

const ANSWERS_IN_MS = 8000;
const GAP_MS = 150;
/** Maximum delay of a rejected client in ms; the delay doubles each time. */
const MAX_GAP_MS = 1200;

/** One request. @returns undefined when its outcome is unknown */
export async function ask(
  { apiKey }: Pick<Cluster, 'apiKey'>,
  url: string,
  { method, path, body, key }: Request,
): Promise<Answer | undefined> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      signal: AbortSignal.timeout(ANSWERS_IN_MS),
      headers: {
        'x-api-key': apiKey,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return undefined;
  }
}

/** The URL of a random process that answers requests. */
export const httpUrl = (cluster: Cluster, random: Random): string => random.pick(cluster.http).service.url;

/** Records a request and its answer. */
export async function recorded(
  history: History,
  attempt: Pick<Entry, 'operation' | 'subject' | 'choice' | 'url'>,
  request: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  history.add({ moment: 'invoke', ...attempt });
  const answer = await request();
  const { status, text } = answer ?? {};
  const moment = status === undefined || status >= 500 ? 'info' : status >= 400 ? 'fail' : ('ok' as const);
  history.add({ moment, ...attempt, status, body: text });
  return answer;
}

/** `until`: when to give up, in ms since the epoch; read before each attempt. */
export type Insisting = { random: Random; readonly until: number };

/**
 * Posts an errand until the outcome is known, always under one key, so that repetitions create no second run. When it gives up, the
 * errand may have been accepted or not.
 * @returns the run's id once it is accepted
 */
export async function post(
  cluster: Cluster,
  history: History,
  errand: Omit<Errand, 'runId'>,
  insisting: Insisting,
): Promise<string | undefined> {
  const { random } = insisting;
  const once = () => postOnce(cluster, history, errand, httpUrl(cluster, random));
  const runId = await insist(once, insisting);
  // Some repeat an answered request.
  if (runId !== undefined && random.chance(0.2)) await once();
  return runId;
}

/** Posts an errand to one process, under the key of all its attempts. */
export function postOnce(
  cluster: Cluster,
  history: History,
  errand: Omit<Errand, 'runId'>,
  url: string,
): Promise<Answer | undefined> {
  const body = {
    intent: `Errand ${errand.name}`,
    selectedCustomerIntegrationIds: Object.values(cluster.integrations),
    userId: errand.userId,
    metadata: { errand: errand.name },
    approvalStrategy: errand.strategy,
    ...(errand.shape !== 'look' && { plan: planOf(errand.shape, errand.name, cluster.integrations) }),
  };
  const request = { method: 'POST', path: '/v1/runs', body, key: errand.name };
  const attempt = { operation: 'create' as const, subject: errand.name, url };
  return recorded(history, attempt, () => ask(cluster, url, request));
}

/** Reruns a run from a step, like `post`. @returns the id of the new run once it is accepted */
export async function rerun(
  cluster: Cluster,
  history: History,
  { runId, from }: { runId: string; from: string },
  insisting: Insisting,
): Promise<string | undefined> {
  const body = { mode: 'same_plan', from };
  const request = { method: 'POST', path: `/v1/runs/${runId}/rerun`, body, key: `${runId} ${from}`.replace(' ', '-') };
  const attempt = { operation: 'rerun' as const, subject: runId, choice: from };
  const once = () => recorded(history, attempt, () => ask(cluster, httpUrl(cluster, insisting.random), request));
  return insist(once, insisting);
}

/** Repeats the request for a run until its outcome is known. @returns the id of the run once it is accepted */
async function insist(once: () => Promise<Answer | undefined>, insisting: Insisting): Promise<string | undefined> {
  // Some clients are impatient: two requests of one key at the same time.
  const atOnce = insisting.random.chance(0.15) ? 2 : 1;
  let runId: string | undefined;
  for (let n = 0; Date.now() < insisting.until; n++) {
    const answers = await Promise.all(Array.from({ length: atOnce }, once));
    const accepted = answers.find((answer) => answer?.status === 201);
    if (accepted) {
      ({ runId } = JSON.parse(accepted.text) as { runId: string });
      break;
    }
    // 409: the first request with the key is still in flight. 429, 503: later.
    if (
      answers.some(
        (answer) => answer && answer.status >= 400 && answer.status < 500 && ![409, 429].includes(answer.status),
      )
    )
      return undefined;
    await sleep(Math.min(GAP_MS * 2 ** n, MAX_GAP_MS));
  }
  return runId;
}

/** Stores the token of a user, and repeats the request until it is answered. */
export async function storeToken(
  cluster: Cluster,
  history: History,
  userId: string,
  insisting: Insisting,
): Promise<void> {
  const path = `/v1/integrations/${cluster.integrations.vault}/users/${userId}/credentials`;
  const request = { method: 'PUT', path, body: { apiToken: tokenOf(userId) } };
  while (Date.now() < insisting.until) {
    const attempt = { operation: 'connect' as const, subject: userId };
    const answer = await recorded(history, attempt, () => ask(cluster, httpUrl(cluster, insisting.random), request));
    if (answer?.status === 200) return;
    await sleep(GAP_MS);
  }
}

export type Decision = 'approve' | 'deny';

type Decided = { approvalId: string; decision: Decision };

export function decide(cluster: Cluster, history: History, url: string, { approvalId, decision }: Decided) {
  const request = { method: 'POST', path: `/v1/approvals/${approvalId}`, body: { decision } };
  const attempt = { operation: 'decide' as const, subject: approvalId, choice: decision };
  return recorded(history, attempt, () => ask(cluster, url, request));
}

/** A request that will be rejected, under its own idempotency key: it must leave nothing behind. */
export async function postBadly(cluster: Cluster, history: History, name: string, random: Random): Promise<void> {
  const plan = planOf('sandwich', name, cluster.integrations);
  const body = {
    intent: `Errand ${name}`,
    selectedCustomerIntegrationIds: Object.values(cluster.integrations),
    userId: 'user-1',
    metadata: { errand: name },
    plan: { ...plan, steps: [...plan.steps, { id: 'wrong', tool: `${cluster.integrations.notes}.noSuchTool` }] },
  };
  const request = { method: 'POST', path: '/v1/runs', body, key: name };
  await recorded(history, { operation: 'create', subject: name }, () =>
    ask(cluster, httpUrl(cluster, random), request),
  );
}

/** Cancels a run; some clients do it twice. */
export async function cancel(cluster: Cluster, history: History, runId: string, random: Random): Promise<void> {
  for (let i = random.int(1, 2); i > 0; i--) {
    const request = { method: 'DELETE', path: `/v1/runs/${runId}` };
    const attempt = { operation: 'cancel' as const, subject: runId };
    await recorded(history, attempt, () => ask(cluster, httpUrl(cluster, random), request));
  }
}

/** Errands per user, so that one token lets several of them continue. */
const SHARING = 8;

/** In addition to random shapes, every so many errands a service asks its user, a plan reads first, or a run is rerun from a step. */
const SOME = 8;

/** The errands of a seed, in posting order. */
export function errandsOf(
  seed: number,
  count: number,
  { shapes: tried, strategy, old = 0 }: Partial<Trial> = {},
): Errand[] {
  const whenOld = seeded(seed, 'old');
  let olds = 0;
  return Array.from({ length: count }, (_, i) => {
    const random = seeded(seed, 'errand', i);
    const name = `s${seed}r${i}`;
    const errand = {
      name: whenOld.chance(old) ? oldName(name, olds++) : name,
      shape: tried ? random.pick(tried) : ((['asked', 'look', 'rerun'] as const)[i % SOME] ?? random.pick(shapes)),
      strategy: strategy ?? random.weighed(strategies),
    };
    const isShared = random.chance(0.5);
    if (errand.shape !== 'vault') return { ...errand, userId: 'user-1' };
    return { ...errand, userId: isShared ? `s${seed}u${Math.floor(i / SHARING)}` : `${errand.name}u` };
  });
}
