import {
  type Approval,
  type Approver,
  type ArgsEdit,
  type CallInWords,
  type DecideApprovalInput,
  type Json,
  type Plan,
  type PlanInWords,
  type Principal,
  problem,
} from '@errand/contracts';
import {
  type DecisionRequest,
  type FoundDecisionRequest,
  findDecisionRequest,
  type ReadRequesters,
  type RunScope,
} from '@errand/db';
import { createPatch } from 'rfc6902';
import { identitiesOf, namedApprover } from '../../model/people-of-run.ts';
import { checkValue, invalid } from '../../model/validate.ts';
import { checkMayDecide, type DecideDeps, decideOpen } from './decide.ts';

/** An approval request, for the page that shows it. */
export type ApprovalRequest = {
  approvalId: string;
  runId: string;
  userId: string;
  intent: string;
  text: string;
  /** Absent for a plan. */
  tool?: string;
  args?: Json;
  plan?: Plan;
  inWords?: CallInWords;
  planInWords?: PlanInWords;
  expiresAt?: string;
  /** `gone`: void or expired. */
  state: 'pending' | 'approved' | 'denied' | 'gone';
  decidedBy?: string;
  reason?: string;
  /** The persons who alone decide. */
  approvers?: Approver[];
};

export async function readApproval(
  scope: RunScope,
  requesters: ReadRequesters,
  approvalId: string,
): Promise<ApprovalRequest> {
  const row = await findApproval(scope, approvalId);
  const { approvers } = row;
  const names = approvers && (await requesters(scope.workspaceId, identitiesOf([{ requestedBy: null, approvers }])));
  const states = { approve: 'approved', deny: 'denied' } as const;
  const open = row.expired ? 'gone' : 'pending';
  const state = row.decision === null ? open : wasExpired(row) ? 'gone' : states[row.decision as 'approve'];
  return {
    approvalId,
    runId: row.runId,
    userId: row.userId,
    intent: row.intent,
    text: row.text,
    ...(row.kind === 'plan_approval'
      ? { plan: row.args as unknown as Plan }
      : { tool: row.tool!, args: row.decidedArgs ?? row.args }),
    ...(row.words !== null && { [row.kind === 'plan_approval' ? 'planInWords' : 'inWords']: row.words }),
    ...(row.expiresAt && { expiresAt: row.expiresAt.toISOString() }),
    state: state ?? 'gone',
    ...(row.decidedBy !== null && { decidedBy: row.decidedBy }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(approvers && names && { approvers: approvers.map((approver) => namedApprover(approver, names)) }),
  };
}

/**
 * Approves or denies a plan or a call, once; the run is due at once.
 * @throws ProblemError approval_not_found, approval_gone, approval_already_decided, self_approval, not_an_approver;
 * validation_failed when arguments do not fit the tool
 */
export async function decideApproval(
  scope: RunScope,
  deps: DecideDeps,
  input: DecideApprovalInput,
  by: Principal,
): Promise<Approval> {
  const { approvalId, decision, reason, args } = input;
  let edits: ArgsEdit[] | undefined;
  // Only these two checks need the request before the decision.
  if (args !== undefined || deps.fourEyes) {
    const row = await findApproval(scope, approvalId);
    if (row.decidedAt !== null) return toApprovalOrConflict(row, input);
    await checkMayDecide(scope, by, row, deps.fourEyes);
    if (args !== undefined) {
      await checkArgs(scope, deps, row, input);
      edits = editsOf(row.args, args as Json);
    }
  }
  const decided = await decideOpen(scope, deps, approvalId, {
    decision: {
      decision,
      by,
      reason,
      kinds: ['plan_approval', 'tool_approval'],
      ...(edits?.length && { args: args as Json }),
    },
    events: [
      {
        type: 'run_action',
        approvalId,
        action: decision,
        decidedBy: by.label,
        ...(reason !== undefined && { reason }),
        ...(edits?.length && { edits }),
      },
    ],
  });
  if (decided) return toApprovalOrConflict(decided.request, input);
  const row = await findApproval(scope, approvalId);
  // The statement decides nothing for a caller that is not an approver.
  if (row.decidedAt === null && !row.expired) await checkMayDecide(scope, by, row, deps.fourEyes);
  return toApprovalOrConflict(row, input);
}

async function findApproval(scope: RunScope, approvalId: string): Promise<FoundDecisionRequest> {
  const row = await findDecisionRequest(scope, approvalId);
  if (row?.kind === 'plan_approval' || row?.kind === 'tool_approval') return row;
  if (row?.kind === 'input')
    throw problem(
      'approval_not_found',
      `A service asks the user this; it is no approval. Answer it by POST /v1/inputs/${approvalId}.`,
    );
  throw problem('approval_not_found', 'There is no such approval request.');
}

// The stored decision, if it equals this one.
function toApprovalOrConflict(row: DecisionRequest, { decision, args }: DecideApprovalInput): Approval {
  if (row.decidedAt === null || wasExpired(row)) throw problem('approval_gone', 'The approval request has expired.');
  if (row.decision === 'void') throw problem('approval_gone', 'The run has ended; there is nothing left to decide.');
  const edits = row.decidedArgs === null ? [] : editsOf(row.args, row.decidedArgs);
  const same = args === undefined || editsOf(row.decidedArgs ?? row.args, args as Json).length === 0;
  if (row.decision !== decision || !same) {
    throw problem('approval_already_decided', `It was decided already: ${row.decision}.`, {
      values: { decision: String(row.decision), decidedBy: row.decidedBy ?? undefined },
    });
  }
  return {
    approvalId: row.decisionRequestId,
    runId: row.runId,
    decision,
    ...(row.decidedBy !== null && { decidedBy: row.decidedBy }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(edits.length > 0 && { edits }),
    decidedAt: row.decidedAt.toISOString(),
  };
}

// Only expiry denies without a decider.
const wasExpired = (row: DecisionRequest): boolean => row.decision === 'deny' && row.decidedBy === null;

const editsOf = (from: Json, to: Json): ArgsEdit[] => createPatch(from, to) as ArgsEdit[];

async function checkArgs(
  scope: RunScope,
  { toolbox, sandbox }: DecideDeps,
  row: FoundDecisionRequest,
  input: DecideApprovalInput,
) {
  const refuse = (message: string) => invalid('/args', message);
  if (input.decision !== 'approve') throw refuse('Arguments are allowed only with the decision approve.');
  if (row.kind !== 'tool_approval')
    throw refuse('A plan cannot be edited. Deny it, and create a run with your own plan.');
  if (Array.isArray(row.args))
    throw refuse('Calls that are approved together cannot be edited. Deny them, and say why.');
  const catalog = await toolbox.catalog(scope.workspaceId, [row.customerIntegrationId!]);
  const [tool] = await catalog.named([row.tool!]);
  if (!tool) throw refuse(`${row.tool} is disabled or does not exist any more.`);
  const detail = `The arguments do not fit ${row.tool}.`;
  await checkValue(sandbox.for(scope.workspaceId), tool.inputSchema, input.args as Json, { at: '/args', detail });
}
