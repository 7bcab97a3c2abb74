import { claimRun, decideWaiting, type Move, Moves, moveRun, type RunScope } from '@errand/db';
import pg from 'pg';

/** Statements whose prepared name begins so, each of which must be there and change, and what is replaced in their text. */
type Mutation = { statements: readonly string[]; from: RegExp; to: string };

/** Rules that a service can be started without, to see that the checker sees it. The only place that says how each is broken. */
export const mutations = {
  /** Whoever holds the run may write. */
  no_fencing: {
    statements: ['run_move_', 'run_moves', 'run_moves_ends'],
    from: /\b(?:run\.)?epoch = (w\.epoch|\$\d+::int)/,
    to: '$1 IS NOT NULL',
  },
  /** A write is not recorded before it is sent. */
  no_intent: {
    statements: ['run_move_', 'run_moves', 'run_moves_ends'],
    from: /(?=ON CONFLICT \(workspace_id, run_id, key\))/,
    to: "WHERE e.state <> 'INTENDED' ",
  },
  /** Nobody is asked before a call. */
  no_approval: { statements: ['run_take'], from: /run\.approval_strategy AS/, to: "'NONE' AS" },
  /** A no is read as a yes. */
  no_denial: {
    statements: ['waiting_read'],
    from: /\bw\.decision,/,
    to: "CASE w.decision WHEN 'deny' THEN 'approve' ELSE w.decision END AS decision,",
  },
  /** An answer does not tell whoever holds the run, and nobody else does. */
  lost_wake: {
    statements: ['waiting_decide', 'run_wake'],
    from: /\bwake = (true|run\.lease IS NOT NULL)/,
    to: 'wake = run.wake',
  },
  /** Whoever lets go of a run that waits does not look whether it was told something meanwhile. */
  rest_over_due: { statements: ['run_move_l_w'], from: / AND NOT wake/, to: '' },
  /** A credential that came while the run asked for it is not looked for once more: nobody but its user answers. */
  no_second_look: {
    statements: ['waiting_decide'],
    from: /(?=AND kind = ANY)/,
    to: "AND $4::text IS DISTINCT FROM 'errand' ",
  },
} satisfies Record<string, Mutation>;

export type BrokenRule = keyof typeof mutations;
export const brokenRules = Object.keys(mutations) as BrokenRule[];

type Statement = { name: string; text: string };

const isNamed = (query: unknown): query is Statement => typeof (query as Partial<Statement> | null)?.name === 'string';

/** The statement without the rule; itself when it is another one. */
export function mutate<Q>(rule: BrokenRule, query: Q): Q {
  const { statements, from, to }: Mutation = mutations[rule];
  if (!isNamed(query) || !statements.some((name) => query.name.startsWith(name))) return query;
  const text = query.text.replace(from, to);
  return text === query.text ? query : { ...query, text };
}

/** Rewrites what every Postgres client of this process sends from now on. @param told called with the name of the first one */
export function mutateClients(rule: BrokenRule, told: (name: string) => void): void {
  const { query } = pg.Client.prototype as { query: (...args: unknown[]) => unknown };
  let first = true;
  Object.assign(pg.Client.prototype, {
    query(this: pg.Client, asked: unknown, ...more: unknown[]) {
      const sent = mutate(rule, asked);
      if (sent !== asked && first) {
        first = false;
        told((sent as Statement).name);
      }
      return query.call(this, sent, ...more);
    },
  });
}

/** Why a mutation would prove nothing: its statements are gone, or their text has changed. Empty when it takes. */
export function missed(rule: BrokenRule, statements: readonly Statement[]): string[] {
  return mutations[rule].statements.flatMap((name) => {
    const own = statements.filter((statement) => statement.name.startsWith(name));
    if (own.length === 0) return [`There is no statement ${name}.`];
    return own.filter((one) => mutate(rule, one) === one).map((one) => `The statement ${one.name} stays as it is.`);
  });
}

/** The statements of an activation, and of an answer to it, as @errand/db makes them. They are not sent. */
export async function activationStatements(): Promise<Statement[]> {
  const statements: Statement[] = [];
  const poolOf = (answer: object) => {
    const query = async (statement: Statement) => {
      statements.push(statement);
      return answer;
    };
    return { query, connect: async () => ({ query, release: () => {} }) } as unknown as pg.Pool;
  };
  const pool = poolOf({ rows: [{ epoch: 2 }] });
  const scope: RunScope = { pool, workspaceId: 'w' };
  const call = { key: 'a', kind: 'tool', stepId: 'a', iteration: 0, tool: 'a.b', args: {}, argsSha256: '' } as const;
  const ledger = [{ ...call, effect: 'write', state: 'INTENDED', idempotencyKey: 'k', attempts: 0 } as const];
  const step: Move = { runId: 'r', epoch: 2, from: ['RUNNING'], to: 'RUNNING', events: [], ledger };
  const end: Move = { ...step, to: 'SUCCESS', end: { result: null, error: null } };
  const moves = new Moves(pool);

  const event = { type: 'status', data: '{}', toolCalls: null };
  await claimRun(scope, 'r', 'pool', true, event);
  // One that somebody else holds is woken.
  await claimRun({ ...scope, pool: poolOf({ rows: [], rowCount: 1 }) }, 'r', 'pool', true, event);
  await decideWaiting(scope, 'w', { decision: 'approve', by: null, reason: null, expired: false, kinds: [] }, event);
  const rest: Move = { ...step, release: true };
  for (const move of [step, end, rest]) await moveRun(scope, move);
  // The first of three finds nothing to go with; the others go together.
  for (const move of [step, end]) await Promise.all([move, move, move].map((one) => moves.apply(scope, one)));
  return statements;
}
