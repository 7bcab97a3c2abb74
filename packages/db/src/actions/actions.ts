import { type Budget, identityOf, type Json, type JsonSchema } from '@errand/contracts';
import { auditEntry, changeAudited } from '../audit/write.ts';
import { onPrismaCode } from '../database-errors.ts';
import { Prisma } from '../generated/client.ts';
import { makerIsActive } from '../people/makers.ts';
import { checkItemLimit } from '../statements/item-limit.ts';
import type { Runner } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

/** The stored fields of an action. Only the engine reads `found`, `source` and `plan`. */
export type ActionDraft = {
  runId: string;
  intent: string;
  context: string;
  selected: readonly string[];
  approvalStrategy: string;
  budget: Budget;
  outputSchema: JsonSchema | null;
  inputSchema: JsonSchema | null;
  defaultMapping: boolean;
  /** Values of the plan that are inputs, or can become inputs. */
  found: Json;
  source: Json;
  /** The plan with bindings on `input`. */
  plan: Json;
  calls: readonly string[];
  plannedAt: Date;
};

export type ActionHead = Pick<
  ActionDraft,
  'runId' | 'intent' | 'outputSchema' | 'inputSchema' | 'defaultMapping' | 'calls'
> & {
  key: string;
  /** Whether its author may still create runs: as a valid key, or as a member. */
  active: boolean;
  madeBy: string;
  createdAt: Date;
  updatedAt: Date;
};
export type StoredAction = ActionHead & ActionDraft;
/** `omittedFields`: fields that exceeded the byte limit. They are null; the intent is cut instead. */
export type ListedAction = ActionHead & { omittedFields: ('intent' | 'inputSchema' | 'outputSchema')[] | null };

/** Actions after a key. `maxBytes`: bytes of large fields to read. */
type ActionPage = { after?: string | undefined; limit: number; maxBytes: number };

const HEAD_COLUMNS = `a.key, a.run_id AS "runId", a.default_mapping AS "defaultMapping", a.calls, a.made_by_label AS "madeBy",
  a.created_at AS "createdAt", a.updated_at AS "updatedAt",
  (a.made_by NOT LIKE 'api\\_key:%' AND a.made_by NOT LIKE 'person:%') OR ${makerIsActive('a')} AS active`;

const GET = `SELECT ${HEAD_COLUMNS}, a.intent, a.output_schema AS "outputSchema", a.input_schema AS "inputSchema", a.context, a.selected,
    a.approval_strategy AS "approvalStrategy", a.budget, a.found, a.source, a.plan, a.planned_at AS "plannedAt"
  FROM action a WHERE a.workspace_id = $1 AND a.key = $2`;

// The large fields of an action are selected while the sum up to it is within the limit ($4).
const LIST = `SELECT ${HEAD_COLUMNS}, CASE WHEN b.upto <= $4::int THEN a.intent ELSE left(a.intent, 200) END AS intent,
    CASE WHEN b.upto <= $4::int THEN a.output_schema END AS "outputSchema",
    CASE WHEN b.upto <= $4::int THEN a.input_schema END AS "inputSchema",
    CASE WHEN b.upto > $4::int THEN array_remove(ARRAY['intent', CASE WHEN a.input_schema IS NOT NULL THEN 'inputSchema' END,
      CASE WHEN a.output_schema IS NOT NULL THEN 'outputSchema' END], NULL) END AS "omittedFields"
  FROM action a JOIN (
    SELECT key, sum(1000 + octet_length(intent) + coalesce(octet_length(output_schema::text), 0)
      + coalesce(octet_length(input_schema::text), 0)) OVER (ORDER BY key COLLATE "C") AS upto
    FROM action WHERE workspace_id = $1 AND key COLLATE "C" > $2 ORDER BY key COLLATE "C" LIMIT $3
  ) b ON b.key = a.key
  WHERE a.workspace_id = $1 ORDER BY a.key COLLATE "C"`;

/** @param runner for reads, which must see the API keys and members of the workspace */
export function actions(scoped: WorkspaceScope, runner: Runner) {
  const { prisma, workspaceId, actor } = scoped;
  const authorColumns = () => ({ madeBy: identityOf(actor), madeByLabel: actor.label });

  return {
    async get(key: string): Promise<StoredAction | null> {
      const { rows } = await runner.query<StoredAction>({ name: 'action_get', text: GET, values: [workspaceId, key] });
      return rows[0] ?? null;
    },

    /** Ordered by key. */
    async list({ after = '', limit, maxBytes }: ActionPage): Promise<ListedAction[]> {
      const values = [workspaceId, after, limit, maxBytes];
      return (await runner.query<ListedAction>({ name: 'action_list', text: LIST, values })).rows;
    },

    /** Stores a new action. Returns false if the key exists. @throws ProblemError item_limit_reached */
    async create(key: string, draft: ActionDraft): Promise<boolean> {
      const creation = prisma.$transaction(async (tx) => {
        await tx.action.create({ data: { workspaceId, key, ...draftColumns(draft), ...authorColumns() } });
        await checkItemLimit(tx, workspaceId, 'actions');
        await tx.audit.create(auditEntry(scoped, 'action.kept', key, { runId: draft.runId }));
      });
      return creation.then(() => true, onPrismaCode('P2002', false));
    },

    /** Updates an action and makes the caller its author, unless only the plan changes. Returns false if the key does not exist. */
    async change(key: string, draft: ActionDraft, { replanned = false } = {}): Promise<boolean> {
      const data = { ...draftColumns(draft), ...(!replanned && authorColumns()), updatedAt: new Date() };
      const details = replanned ? { replannedBy: draft.runId } : {};
      const update = (tx: Prisma.TransactionClient) => tx.action.updateMany({ where: { workspaceId, key }, data });
      return changeAudited(scoped, update, 'action.changed', key, details);
    },

    delete: (key: string): Promise<boolean> =>
      changeAudited(scoped, (tx) => tx.action.deleteMany({ where: { workspaceId, key } }), 'action.deleted', key),
  };
}

const jsonOrDbNull = (value: unknown) => (value === null ? Prisma.DbNull : (value as Prisma.InputJsonValue));

// Lists each column: a stored action has more fields than its draft.
const draftColumns = (draft: ActionDraft) => ({
  runId: draft.runId,
  intent: draft.intent,
  context: draft.context,
  plannedAt: draft.plannedAt,
  approvalStrategy: draft.approvalStrategy,
  defaultMapping: draft.defaultMapping,
  selected: [...draft.selected],
  calls: [...draft.calls],
  budget: draft.budget as Prisma.InputJsonValue,
  found: draft.found as Prisma.InputJsonValue,
  source: draft.source as Prisma.InputJsonValue,
  plan: draft.plan as Prisma.InputJsonValue,
  outputSchema: jsonOrDbNull(draft.outputSchema),
  inputSchema: jsonOrDbNull(draft.inputSchema),
});
