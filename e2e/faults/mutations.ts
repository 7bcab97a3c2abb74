import {
  applyTransition,
  claimRequest,
  claimRuns,
  createRun,
  decideRequest,
  type RunScope,
  readClaim,
  readSealedState,
  recordOutcomes,
  type Transition,
  Transitions,
} from '@errand/db';
import { aNewRun } from '@errand/db/testing';
import pg from 'pg';

/** Prefixes of prepared names, and the replacement in their text. Each statement must exist and change. */
type Mutation = { statements: readonly string[]; from: RegExp; to: string };

/** Rules that a service can be started without, to show that a check fails then. Only this file defines how each is broken. */
export const mutations = {
  /** A worker that lost the run may still write. */
  no_fencing: {
    statements: ['run_transition_', 'run_transitions', 'run_transitions_ends'],
    from: /\brun\.epoch = (m\.epoch)/,
    to: '$1 IS NOT NULL',
  },
  /** A write is not recorded before it is sent. */
  no_intent: {
    statements: ['run_transition_', 'run_transitions', 'run_transitions_ends'],
    from: /(AS e\((?:n, )?key, kind[^)]*\)(?: USING \(n\))?)/,
    to: "$1 WHERE e.state <> 'INTENDED' ",
  },
  /** No call needs an approval. */
  no_approval: {
    statements: ['runs_claim', 'run_create', 'decision_request_decide'],
    from: /run\.approval_strategy AS/,
    to: "'NONE' AS",
  },
  /** A denial counts as an approval. */
  no_denial: {
    statements: ['decision_request_read'],
    from: /\bd\.decision,/,
    to: "CASE d.decision WHEN 'deny' THEN 'approve' ELSE d.decision END AS decision,",
  },
  /** A decision does not make a run due while a worker executes it. */
  lost_wake: {
    statements: ['decision_request_decide'],
    from: /\bELSE 2 END,/,
    to: 'ELSE CASE WHEN run.lease IS NULL THEN 2 ELSE run.due END END,',
  },
  /** A run is suspended even if it became due in the meantime. */
  suspend_over_due: {
    statements: ['run_transition_w'],
    from: /lease = NULL,([\s\S]*) AND run\.due = 0/,
    to: 'lease = NULL, due = 0,$1',
  },
  /** A claim takes as many runs of a workspace as there are. */
  claim_without_slots: {
    statements: ['runs_claim'],
    from: /\$3::int - \(SELECT count\(\*\)::int FROM run h[^)]*\)/,
    to: '($3::int + 1000)',
  },
  /** A credential that was stored while the run asked for it goes unnoticed. */
  no_credential_recheck: {
    statements: ['decision_request_decide'],
    from: /(?=AND kind = ANY)/,
    to: "AND $4::text IS DISTINCT FROM 'errand' ",
  },
  /** A rejected delivery counts as taken. */
  no_redelivery: {
    statements: ['webhook_record'],
    from: /state = CASE[\s\S]*?END,\s*next_attempt_at = CASE[\s\S]*?END,/,
    to: "state = 'delivered', next_attempt_at = NULL,",
  },
  /** The row of a run does not identify the time of its schedule. */
  no_unique_time: {
    statements: ['run_create'],
    from: /(\$\d+::timestamptz)(?=, \$\d+::timestamptz)/,
    to: "$1 - random() * interval '50 ms'",
  },
  /** An answered question or request of a service may be answered again. */
  no_single_answer: {
    statements: ['decision_request_decide'],
    from: /AND decided_at IS NULL(?=\s+AND coalesce)/,
    to: "AND (decided_at IS NULL OR kind IN ('question', 'input'))",
  },
  /** The answer of a person does not reach the run. */
  lost_answer: {
    statements: ['decision_request_read'],
    from: /\bd\.output,/,
    to: "CASE WHEN d.kind NOT IN ('question', 'input') THEN d.output END AS output,",
  },
  /** The state of a service that asked is not sent back to it. */
  lost_state: {
    statements: ['decision_request_state'],
    from: /sealed_state AS/,
    to: 'NULL::bytea AS',
  },
  /** After the death of its process a request is never taken over. */
  no_request_take_over: {
    statements: ['request_claim'],
    from: /OR \(i\.state = 'IN_FLIGHT'[\s\S]*?EXCLUDED\.request_sha256\)/,
    to: '',
  },
  /** A rerun from a step does not take over the writes before it. */
  no_take_over: {
    statements: ['run_create_from_step'],
    from: /(CROSS JOIN LATERAL \(SELECT e\.\*[\s\S]*?e\.state = 'DONE')/,
    to: "$1 AND e.effect = 'read'",
  },
} satisfies Record<string, Mutation>;

export type BrokenRule = keyof typeof mutations;
export const brokenRules = Object.keys(mutations) as BrokenRule[];

type Statement = { name: string; text: string };

const isNamed = (query: unknown): query is Statement => typeof (query as Partial<Statement> | null)?.name === 'string';

/** The statement without the rule; unchanged if the rule is not about it. */
export function mutate<Q>(rule: BrokenRule, query: Q): Q {
  const { statements, from, to }: Mutation = mutations[rule];
  if (!isNamed(query) || !statements.some((name) => query.name.startsWith(name))) return query;
  const text = query.text.replace(from, to);
  return text === query.text ? query : { ...query, text };
}

/** Rewrites the statements of every Postgres client in this process. @param onFirst called with the name of the first rewritten statement */
export function mutateClients(rule: BrokenRule, onFirst: (name: string) => void): void {
  const { query } = pg.Client.prototype as { query: (...args: unknown[]) => unknown };
  let first = true;
  Object.assign(pg.Client.prototype, {
    query(this: pg.Client, queryConfig: unknown, ...more: unknown[]) {
      const sent = mutate(rule, queryConfig);
      if (sent !== queryConfig && first) {
        first = false;
        onFirst((sent as Statement).name);
      }
      return query.call(this, sent, ...more);
    },
  });
}

/** The reasons why a mutation would prove nothing: missing or changed statements. Empty when it works. */
export function missed(rule: BrokenRule, statements: readonly Statement[]): string[] {
  return mutations[rule].statements.flatMap((name) => {
    const matching = statements.filter((statement) => statement.name.startsWith(name));
    if (matching.length === 0) return [`There is no statement ${name}.`];
    return matching
      .filter((statement) => mutate(rule, statement) === statement)
      .map((statement) => `The statement ${statement.name} stays as it is.`);
  });
}

/** The statements of an activation, and of an answer to it, as @errand/db makes them. They are not sent. */
export async function activationStatements(): Promise<Statement[]> {
  const statements: Statement[] = [];
  const query = async (statement: Statement) => {
    statements.push(statement);
    return { rows: [{ workspaceId: 'w', epoch: 2, runId: 'r' }] };
  };
  const pool = { query, connect: async () => ({ query, release: () => {} }) } as unknown as pg.Pool;
  const scope: RunScope = { pool, workspaceId: 'w' };
  const call = { key: 'a', kind: 'tool', stepId: 'a', iteration: 0, tool: 'a.b', args: {}, argsSha256: '' } as const;
  const ledger = [{ ...call, effect: 'write', state: 'INTENDED', idempotencyKey: 'k', attempts: 0 } as const];
  const target = { runId: 'r', epoch: 2 };
  const step: Transition = { to: 'RUNNING', events: [], ledger };
  const end: Transition = { ...step, to: 'SUCCESS', end: { result: null, error: null } };
  const transitions = new Transitions(pool);

  const event = { type: 'status', data: '{}', toolCalls: null };
  const options = {
    maxRuns: 1,
    slots: 1,
    maxBeyondSlots: 0,
    mayTakeSuspect: false,
    oldest: false,
    cursor: null,
    skip: 0,
  };
  const { claimed } = await claimRuns(pool, { worker: 'pool', ...options }, event);
  await readClaim(scope, claimed[0]!);
  await claimRequest(scope, { operation: 'o', key: 'k', sha256: Buffer.alloc(32) }, 1);
  await createRun(scope, aNewRun());
  await createRun(scope, aNewRun({ takeOver: { runId: 'r', stepIds: ['a'] } }));
  await recordOutcomes(pool, { workspaceId: 'w', webhookId: 'h' }, []);
  const decision = { decision: 'approve', by: null, reason: null, requestExpired: false, kinds: [] } as const;
  await readSealedState(scope, 'w');
  await decideRequest(scope, 'w', { decision, events: [event] });
  const rest: Transition = { ...step, to: 'PAUSED', suspendUntil: new Date() };
  for (const transition of [step, end, rest]) await applyTransition(scope, target, transition);
  // The first of three has no other to join; the others form a batch.
  for (const transition of [step, end])
    await Promise.all([transition, transition, transition].map((each) => transitions.apply(scope, target, each)));
  return statements;
}
