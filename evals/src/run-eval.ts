import type {
  FillAnswer,
  Json,
  Plan,
  PlanDraft,
  PlanFailure,
  PlanRequest,
  RunStatus,
  ToolSpec,
} from '@errand/contracts';
import { isNothingFound, runErrorOf, toEnd } from '@errand/engine/result';
import { callTool, createEgress, type Egress } from '@errand/integrations';
import {
  type FillBatch,
  type FillOutcome,
  type Invocation,
  outputExcerpts,
  type PlanEnd,
  readsOnly,
  runPlan,
  type Sandbox,
  toOutput,
} from '@errand/plan';
import type { Planner } from '@errand/ports/planner';
import type { EvalArgs, EvalCall, EvalCase } from './eval-case.ts';
import { planRequest } from './plan-request.ts';
import { readTools } from './read-tools.ts';
import type { RunningService, TestedService } from './running-service.ts';

/** The end of a case. Calls are in the order of the plan. */
export type EvalRun = {
  status: RunStatus;
  calls: readonly EvalCall[];
  result?: Json;
  /** Why it did not succeed. */
  reason?: string;
  planningMs: number;
};

type End = Omit<EvalRun, 'planningMs'>;

/** A case between two of its plans. */
type Progress = { end: End; previous?: PlanRequest['previous']; looks: number; planningMs: number };

/** How often a run looks. */
const MAX_LOOKS = 3;

type Opened = { service: TestedService; running: RunningService; egress: Egress; changed: boolean };

/** Plans and runs cases. Each service listens on its own port, and is replaced after a case that changed it. */
export class EvalRunner {
  readonly #services: ReadonlyMap<string, TestedService>;
  readonly #planner: Planner;
  readonly #sandbox: Sandbox;

  readonly #tools = new Map<string, Promise<ToolSpec[]>>();
  readonly #opened = new Map<string, Opened>();

  constructor(services: readonly TestedService[], planner: Planner, sandbox: Sandbox) {
    this.#services = new Map(services.map((service) => [service.id, service]));
    this.#planner = planner;
    this.#sandbox = sandbox;
  }

  async run({ services, intent, context }: EvalCase): Promise<EvalRun> {
    const tools = (await Promise.all(services.map((id) => this.tools(id)))).flat();
    const checking = { sandbox: this.#sandbox, mayFill: this.#planner.fill !== undefined };
    const request = planRequest(intent, contextOf(context), tools, checking);
    const progress: Progress = { end: { status: 'NO_SUCCESS', calls: [] }, looks: 0, planningMs: 0 };
    while (await this.#planAndExecute(request, progress));
    return { ...progress.end, planningMs: progress.planningMs };
  }

  /** @returns whether the run goes on with another plan */
  async #planAndExecute(request: PlanRequest, progress: Progress): Promise<boolean> {
    const draft = await this.#draft(request, progress);
    if (draft instanceof Error || draft.kind !== 'plan') {
      progress.end = withoutPlan(draft, progress);
      return false;
    }
    const { plan } = draft;
    const { run, failures, outputs } = await this.#execute(plan, request);
    progress.end = { ...run, calls: [...progress.end.calls, ...run.calls] };
    const looked = plan.then !== undefined && failures.length === 0;
    const isOver = run.status !== 'NO_SUCCESS' || plan.then !== undefined || progress.previous !== undefined;
    if (!looked && (isOver || !this.#planner.looks)) return false;
    progress.looks += Number(looked);
    progress.previous = { plan, failures, outputs, ...(looked && { looked }) };
    return true;
  }

  async #draft(request: PlanRequest, progress: Progress): Promise<PlanDraft | Error> {
    const { previous, looks } = progress;
    const from = performance.now();
    const draft = await this.#planner
      .plan({ ...request, mayLook: looks < MAX_LOOKS, ...(previous && { previous }) })
      .catch((error: Error) => error);
    progress.planningMs += performance.now() - from;
    return draft;
  }

  async close(): Promise<void> {
    for (const id of [...this.#opened.keys()]) await this.#close(id);
  }

  async #execute(
    plan: Plan,
    { intent, context, now, tools, signal }: PlanRequest,
  ): Promise<{ run: End; failures: PlanFailure[]; outputs: Record<string, string> }> {
    const calls: { invocation: Invocation; done: boolean }[] = [];
    const { fill } = this.#planner;
    const end = await runPlan(plan, {
      tools,
      sandbox: this.#sandbox,
      scope: { intent, context, input: {}, now },
      signal,
      ...(fill && { fill: (ask) => filled(fill({ ...toRequest(ask), intent, context, now, signal })) }),
      call: async (invocation) => {
        const outcome = await this.#call(invocation);
        calls.push({ invocation, done: outcome.ok });
        if (outcome.ok) return { kind: 'done', output: toOutput(outcome.output) };
        return { kind: 'failed', code: outcome.code, message: `${outcome.message} ${JSON.stringify(outcome.output)}` };
      },
    });
    for (const id of this.#opened.keys()) if (this.#opened.get(id)!.changed) await this.#close(id);
    const order = new Map(plan.steps.map(({ id }, i) => [id, i]));
    const ordered = calls
      .map(({ invocation }) => invocation)
      .sort((a, b) => order.get(a.step.id)! - order.get(b.step.id)! || (a.iteration ?? 0) - (b.iteration ?? 0))
      .map(({ tool, args }) => ({ operation: tool.name, args: args as EvalArgs }));
    const effects = calls.filter(({ invocation, done }) => done && !readsOnly(invocation.tool)).length;
    const done = [...end.steps].flatMap(([id, { state, output }]) => (state === 'done' ? [[id, output] as const] : []));
    const outputs = await outputExcerpts(new Map(done), (outputs, use) =>
      use(outputs.map(({ text }) => text ?? 'null')),
    );
    const failures = failuresOf(end);
    return { run: { calls: ordered, ...ended(plan, end, effects) }, failures, outputs };
  }

  async #call({ tool, args, toolCallId }: Invocation) {
    const opened = await this.#open(tool.customerIntegrationId);
    const { running, egress } = opened;
    opened.changed ||= tool.effect === 'write';
    const { baseUrl, auth } = running;
    const credentialOrigin = new URL(baseUrl).origin;
    return callTool(tool, args, { baseUrl, auth, credentialOrigin, egress, idempotencyKey: toolCallId });
  }

  /** The tools of a service. */
  tools(id: string): Promise<ToolSpec[]> {
    const cached = this.#tools.get(id);
    if (cached) return cached;
    const service = this.#services.get(id);
    if (!service) throw new Error(`A case names the service ${id}, and there is none.`);
    const read = service.document().then((document) => readTools(document, id, service.name));
    this.#tools.set(id, read);
    return read;
  }

  async #open(id: string): Promise<Opened> {
    const opened = this.#opened.get(id);
    if (opened) return opened;
    const service = this.#services.get(id)!;
    const running = await service.start();
    const egress = createEgress({ allowOrigins: [new URL(running.baseUrl).origin] });
    const fresh = { service, running, egress, changed: false };
    const concurrent = this.#opened.get(id);
    if (!concurrent) this.#opened.set(id, fresh);
    else await Promise.all([running.close(), egress.close()]);
    return concurrent ?? fresh;
  }

  async #close(id: string): Promise<void> {
    const { running, egress } = this.#opened.get(id)!;
    this.#opened.delete(id);
    await egress.close();
    await running.close();
  }
}

/** The end of a run for which there is no plan: a re-plan without success leaves the last end. */
function withoutPlan(draft: Exclude<PlanDraft, { kind: 'plan' }> | Error, { end, previous }: Progress): End {
  if (draft instanceof Error) return { ...end, status: 'FAILED', reason: draft.message };
  // No person is there to answer.
  if (draft.kind === 'question') return { ...end, status: 'NO_SUCCESS', reason: draft.question.question };
  return previous !== undefined && !previous.looked ? end : { ...end, status: 'NO_SUCCESS', reason: draft.reason };
}

function failuresOf({ steps, resultError }: PlanEnd): PlanFailure[] {
  const all = [...[...steps].map(([stepId, { error }]) => [stepId, error] as const), ['result', resultError] as const];
  const isFailed = (stepId: string) => stepId === 'result' || /^(?:failed|denied)$/.test(steps.get(stepId)!.state);
  return all.flatMap(([stepId, error]) =>
    error && isFailed(stepId) ? [{ stepId, code: error.code, message: error.message }] : [],
  );
}

/** The end of a run, as the engine derives it. */
function ended(plan: Plan, end: PlanEnd, effects: number): Pick<EvalRun, 'status' | 'result' | 'reason'> {
  const failures = [...end.steps.values()].flatMap(({ error, state }) => (state === 'failed' && error ? [error] : []));
  const { resultError } = end;
  if (failures.length === 0 && !resultError && effects === 0 && isNothingFound(plan, end.steps, end.result))
    failures.push({ code: 'nothing_found', message: 'Nothing was found to do this for.' });
  const { status, result, error } = toEnd({
    effects,
    failures,
    result: end.result,
    resultError: resultError ? runErrorOf(resultError, false) : null,
  });
  return { status, ...(result !== undefined && { result }), ...(error && { reason: error.message }) };
}

const toRequest = ({ values, outputs }: FillBatch) => ({
  outputs,
  values: values.map(({ prompt, schema, item, iteration }) => ({
    prompt,
    ...(schema !== undefined && { schema }),
    ...(item !== undefined && { item: { index: iteration ?? 0, text: item } }),
  })),
});

async function filled(answer: Promise<FillAnswer>): Promise<FillOutcome> {
  const { values } = await answer;
  const toValue = (value: FillAnswer['values'][number]) =>
    'none' in value ? { failed: { code: 'model_failed', message: value.none } } : value;
  return { kind: 'done', values: values.map(toValue) };
}

const contextOf = (context: EvalCase['context'] = ''): string =>
  typeof context === 'string'
    ? context
    : Object.entries(context)
        .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join('; ');
