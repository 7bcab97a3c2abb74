import { type Awaitable, chain } from '@errand/basics/awaitable';
import {
  type ApprovalStrategy,
  BUILTIN_INTEGRATION_ID,
  type DecidedRun,
  type Json,
  type NewRunEvent,
  type Plan,
  type PlanStep,
  type RequiredApprovals,
  type Run,
  type RunUser,
  requiredApprovals,
  type ToolSpec,
} from '@errand/contracts';
import { type CallOutcome, cut, planWords, renderWords, toolLabel } from '@errand/plan';
import type { ApprovalResult } from '../../events/event-json.ts';
import type { ActivationWriter } from '../../events/writer.ts';
import { type Envelope, stepsToRun } from '../../model/envelope.ts';
import { ApprovalRequests, approvalHash, type CallToApprove, MAX_TEXT } from './approval-requests.ts';
import { type Carried, DataFlow, type DataFlowDeps, type FlowVerdict } from './data-flow.ts';
import type { DecisionRequests, RequestFields } from './decision-requests.ts';

/** Calls that need an approval in addition to the strategy of the run. */
export type ApprovalPolicy = {
  /** Taint: after a read from one integration, writes to others need approval, and so do reads with its answers in their arguments. */
  taint: boolean;
  /** Approval floors of the service, for every run. */
  floors: readonly ApprovalStrategy[];
};

export const defaultApprovalPolicy: ApprovalPolicy = { taint: false, floors: [] };

/** Whether an approval rule allows a call without a decision request. */
export type RuleCheck = (tool: ToolSpec, args: Json) => Promise<boolean>;

/** The run to which approval rules apply. */
export type RuledRun = DecidedRun & { workspaceId: string; userId: string };

export type ApprovalDeps = {
  requests: DecisionRequests;
  writer: ActivationWriter;
  allowedByRule: RuleCheck;
  floorOf: (customerIntegrationId: string) => Awaitable<ApprovalStrategy>;
  /** The values that are known before the plan runs, by JSON pointer into the plan. */
  givenValues: (plan: Plan) => Promise<ReadonlyMap<string, Json>>;
};

/** `begun`: the ledger has the call, so it was allowed before. */
type CallToJudge = UndecidedCall & { wasAllowed: boolean };
type UndecidedCall = Omit<CallToApprove, 'doubts' | 'isNew'>;
export type CallVerdict =
  | { isAllowed: true; args: Json; approval?: ApprovalResult; approvalId?: string }
  | { isAllowed: false; outcome: CallOutcome; approval?: ApprovalResult; approvalId?: string };

/** `reason`: the reason that a person gave for the denial. */
type PlanVerdict = 'approved' | 'waiting' | { denied: string; reason?: string };

/** `steps`: those that no earlier run has run. */
type CurrentPlan = { plan: Plan; tools: readonly ToolSpec[]; steps: readonly PlanStep[] };
type RunToApprove = Pick<Run, 'runId' | 'approvalStrategy' | 'intent' | 'context'> & { user: RunUser | null };

/** The reason that a person gave for a denial; an expired request has none. */
const personsReason = ({ reason, decidedBy }: Pick<RequestFields, 'reason' | 'decidedBy'>): { reason?: string } =>
  reason === null || decidedBy === null ? {} : { reason };

/** Requests approvals of calls and plans, and allows exactly the approved values. */
export class Approvals {
  readonly approvalRequests: ApprovalRequests;

  /** Integrations that the run has read from. */
  readonly #readFrom = new Set<string>();
  /** The values that calls of the current plan carry. */
  #flow: DataFlow | undefined;
  #current: CurrentPlan | undefined;
  /** Write tools that need no approval for being new; undefined: all. */
  #mayWrite: ReadonlySet<string> | undefined;
  /** The verdict about the current plan, once per round. */
  #verdict: Promise<PlanVerdict> | undefined;

  constructor(
    private readonly run: RunToApprove,
    private readonly policy: ApprovalPolicy,
    private readonly deps: ApprovalDeps,
  ) {
    this.approvalRequests = new ApprovalRequests(run.runId, deps);
  }

  /** Values that reads of later plans have sent to other integrations. */
  get carried(): Carried {
    return this.#flow?.carried ?? {};
  }

  /** From now on, judges the calls of another plan. */
  setDataFlow(flow: Omit<DataFlowDeps, 'readFrom'>): void {
    this.#flow = new DataFlow({ ...flow, readFrom: this.#readFrom });
  }

  noteRead({ effect, customerIntegrationId }: Pick<ToolSpec, 'effect' | 'customerIntegrationId'>): void {
    if (effect === 'read' && customerIntegrationId !== BUILTIN_INTEGRATION_ID)
      this.#readFrom.add(customerIntegrationId);
  }

  /** The approvals that calls need: by the strategy of the run and the floors of their integrations. */
  #requiredApprovals(floors: readonly ApprovalStrategy[]): RequiredApprovals {
    return requiredApprovals(this.run.approvalStrategy, ...this.policy.floors, ...floors);
  }

  #isNeeded(asks: RequiredApprovals, tool: ToolSpec, args: Json, isForeign: boolean): Awaitable<boolean> {
    const hasReadElsewhere = [...this.#readFrom].some((id) => id !== tool.customerIntegrationId);
    if (this.policy.taint && (tool.effect === 'write' ? hasReadElsewhere : isForeign)) return true;
    const needsApproval = tool.effect === 'write' ? asks.writes || (this.#isNew(tool) && !asks.plan) : asks.reads;
    return needsApproval && this.deps.allowedByRule(tool, args).then((isAllowed) => !isAllowed);
  }

  /** Whether the earlier plan did not name this write tool: its planner has since seen answers of services. */
  #isNew(tool: ToolSpec): boolean {
    return tool.effect === 'write' && this.#mayWrite?.has(tool.name) === false;
  }

  /** Whether a call may be made, and with which arguments: a human may have edited them. Requests a missing approval. */
  judge({ wasAllowed, ...call }: CallToJudge): Awaitable<CallVerdict> {
    const { key, step, tool, args } = call;
    this.approvalRequests.withdraw(call);
    const answer = this.deps.requests.newest('tool_approval', key);
    if (answer) return this.#decidedVerdict(call, answer);
    return chain(this.#flow?.judge({ step, tool, args }) ?? NO_DOUBTS, (flow) => {
      if (wasAllowed) return { isAllowed: true, args };
      return chain(this.deps.floorOf(tool.customerIntegrationId), (floor) => {
        const asks = this.#requiredApprovals([floor]);
        // A floor may have been raised during the activation, so the plan may need approval now.
        return asks.plan ? this.#judgeWithPlan(call, flow, asks) : this.#judgeUndecided(call, flow, asks);
      });
    });
  }

  async #judgeWithPlan(call: UndecidedCall, flow: FlowVerdict, asks: RequiredApprovals): Promise<CallVerdict> {
    const verdict = await this.#planVerdict();
    if (verdict === 'waiting') return WAITING;
    if (verdict !== 'approved') return { isAllowed: false, outcome: deniedOutcome(verdict.denied, verdict) };
    return this.#judgeUndecided(call, flow, asks);
  }

  /** Allows a call that needs no approval, and requests one for the others. */
  #judgeUndecided(
    call: UndecidedCall,
    { reasons, isForeign }: FlowVerdict,
    asks: RequiredApprovals,
  ): Awaitable<CallVerdict> {
    const { tool, args } = call;
    const isNeeded = reasons.length > 0 || this.#isNeeded(asks, tool, args, isForeign);
    return chain(isNeeded, (needed) => {
      if (!needed) return { isAllowed: true, args };
      return this.approvalRequests.ask({ ...call, doubts: reasons, isNew: this.#isNew(tool) }).then(() => WAITING);
    });
  }

  #decidedVerdict(call: Pick<CallToApprove, 'key' | 'tool' | 'args'>, answer: RequestFields): CallVerdict {
    const { tool, args } = call;
    const approvalId = answer.decisionRequestId;
    if (answer.decision === null) return { ...WAITING, approvalId };
    const by = answer.decidedBy === null ? '' : ` by ${answer.decidedBy}`;
    if (answer.decision !== 'approve') {
      const message = `${toolLabel(tool)} was denied${by}${answer.reason === null ? '' : `: ${answer.reason}`}.`;
      const approval = { status: 'DENIED' as const, text: message };
      return { isAllowed: false, outcome: deniedOutcome(message, personsReason(answer)), approval, approvalId };
    }
    const approval = { status: 'APPROVED' as const, text: `Approved${by}.` };
    // Hashed again just before the call, so that only the approved value is sent.
    if (!this.approvalRequests.isApproved(call, answer)) {
      const message = `${toolLabel(tool)} was not called: its arguments differ from the approved ones.`;
      const outcome = { kind: 'failed', code: 'approval_mismatch', message } as const;
      return { isAllowed: false, outcome, approval, approvalId };
    }
    return { isAllowed: true, args: answer.decidedArgs ?? args, approval, approvalId };
  }

  /**
   * Whether a plan may be executed. Requests an approval if the strategy of the run or a floor requires it.
   * @param tools the existing tools of the plan
   */
  async judgePlan(envelope: Envelope, tools: readonly ToolSpec[]): Promise<PlanVerdict> {
    const { plan, earlier } = envelope;
    const { steps } = stepsToRun(envelope);
    this.#current = { plan, tools, steps };
    this.#mayWrite = earlier && new Set(earlier.mayWrite);
    this.#verdict = undefined;
    const used = new Set(steps.map(({ tool }) => tool));
    const called = tools.filter(({ name }) => used.has(name)).map((tool) => tool.customerIntegrationId);
    const floors = await Promise.all([...new Set(called)].map((id) => this.deps.floorOf(id)));
    const asks = this.#requiredApprovals(floors);
    return asks.plan ? this.#planVerdict() : 'approved';
  }

  async #planVerdict(): Promise<PlanVerdict> {
    if (!this.#current) return 'approved';
    this.#verdict ??= this.#requestPlanApproval(this.#current);
    return this.#verdict;
  }

  async #requestPlanApproval({ plan, tools, steps }: CurrentPlan): Promise<PlanVerdict> {
    const sha256 = approvalHash(this.run.runId, 'plan', plan as unknown as Json);
    const answer = this.deps.requests.newest('plan_approval', sha256);
    if (answer?.decision === 'approve') return 'approved';
    if (answer?.decision === null) return 'waiting';
    if (answer) {
      const denied = `The plan was denied${answer.reason === null ? '' : `: ${answer.reason}`}.`;
      return { denied, ...personsReason(answer) };
    }
    const { intent, context, user } = this.run;
    const zone = user?.timeZone === undefined ? {} : { timeZone: user.timeZone };
    const planFacts = { intent, context, ...zone, computed: await this.deps.givenValues(plan) };
    const inWords = planWords(plan, tools, planFacts);
    const text = `${takenOverText(plan, steps)}${renderWords(inWords)}`;
    const request = this.deps.requests.create({
      kind: 'plan_approval',
      // Another plan needs another decision request.
      key: sha256,
      text: cut(`Approve this plan? ${text}`, MAX_TEXT),
      words: inWords as unknown as Json,
      args: plan as unknown as Json,
      sha256,
    });
    const event: NewRunEvent = {
      type: 'run_approval',
      approvalId: request.decisionRequestId,
      plan: { planType: 'json', plan },
      text: cut(text, MAX_TEXT),
      expiresAt: request.expiresAt!.toISOString(),
    };
    this.deps.writer.add({ decisionRequest: request, event });
    return 'waiting';
  }
}

/** Names the steps that do not run again, by their numbers in the text of the plan; empty if all run. */
function takenOverText(plan: Plan, steps: readonly PlanStep[]): string {
  const numbers = plan.steps.flatMap((step, index) => (steps.includes(step) ? [] : [index + 1]));
  if (numbers.length === 0) return '';
  return `An earlier run has run its steps ${numbers.join(', ')}: they do not run again. `;
}

const NO_DOUBTS: FlowVerdict = { reasons: [], isForeign: false };
const WAITING = { isAllowed: false, outcome: { kind: 'waiting' } } as const;

const deniedOutcome = (message: string, { reason }: { reason?: string }): CallOutcome => ({
  kind: 'denied',
  code: 'approval_denied',
  message,
  ...(reason !== undefined && { reason }),
});
