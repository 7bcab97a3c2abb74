import type { FillAnswer, Json, Plan, PlanFailure, PlanRequest, RunStatus, ToolSpec } from '@errand/contracts';
import { endOf, foundNothing, runErrorOf } from '@errand/engine/result';
import { callTool, createEgress, type Egress } from '@errand/integrations';
import {
  type FillAsk,
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

/** What came of a case. Calls stand in the order of the plan. */
export type EvalRun = {
  status: RunStatus;
  calls: readonly EvalCall[];
  result?: Json;
  /** Why it did not succeed. */
  reason?: string;
  planningMs: number;
};

/** How often a run looks. */
const MAX_LOOKS = 3;

type Opened = { service: TestedService; running: RunningService; egress: Egress; changed: boolean };

/** Plans and runs cases: each service listens on a port of its own, and is a fresh one after a case that changed it. */
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
    let end: Omit<EvalRun, 'planningMs'> = { status: 'NO_SUCCESS', calls: [] };
    let previous: PlanRequest['previous'];
    let planningMs = 0;
    for (let looks = 0; ; ) {
      const from = performance.now();
      const asked = { ...request, mayLook: looks < MAX_LOOKS, ...(previous && { previous }) };
      const draft = await this.#planner.plan(asked).catch((error: Error) => error);
      planningMs += performance.now() - from;
      if (draft instanceof Error) return { ...end, status: 'FAILED', reason: draft.message, planningMs };
      // Without another plan a run ends as the last one did.
      if (draft.kind === 'none')
        return previous !== undefined && !previous.looked
          ? { ...end, planningMs }
          : { ...end, status: 'NO_SUCCESS', reason: draft.reason, planningMs };
      // Nobody is there to answer.
      if (draft.kind === 'question')
        return { ...end, status: 'NO_SUCCESS', reason: draft.question.question, planningMs };
      const ran = await this.#execute(draft.plan, request);
      end = { ...ran.run, calls: [...end.calls, ...ran.run.calls] };
      const looked = draft.plan.then !== undefined && ran.failures.length === 0;
      const isOver = end.status !== 'NO_SUCCESS' || draft.plan.then !== undefined || previous !== undefined;
      if (!looked && (isOver || !this.#planner.looks)) return { ...end, planningMs };
      looks += Number(looked);
      previous = { plan: draft.plan, failures: ran.failures, outputs: ran.outputs, ...(looked && { looked }) };
    }
  }

  async close(): Promise<void> {
    for (const id of [...this.#opened.keys()]) await this.#close(id);
  }

  async #execute(
    plan: Plan,
    { intent, context, now, tools, signal }: PlanRequest,
  ): Promise<{ run: Omit<EvalRun, 'planningMs'>; failures: PlanFailure[]; outputs: Record<string, string> }> {
    const made: { invocation: Invocation; done: boolean }[] = [];
    const { fill } = this.#planner;
    const end = await runPlan(plan, {
      tools,
      sandbox: this.#sandbox,
      scope: { intent, context, input: {}, now },
      signal,
      ...(fill && { fill: (ask) => filled(fill({ ...toRequest(ask), intent, context, now, signal })) }),
      call: async (invocation) => {
        const outcome = await this.#call(invocation);
        made.push({ invocation, done: outcome.ok });
        if (outcome.ok) return { kind: 'done', output: toOutput(outcome.output) };
        return { kind: 'failed', code: outcome.code, message: `${outcome.message} ${JSON.stringify(outcome.output)}` };
      },
    });
    for (const id of this.#opened.keys()) if (this.#opened.get(id)!.changed) await this.#close(id);
    const order = new Map(plan.steps.map(({ id }, i) => [id, i]));
    const calls = made
      .map(({ invocation }) => invocation)
      .sort((a, b) => order.get(a.step.id)! - order.get(b.step.id)! || (a.iteration ?? 0) - (b.iteration ?? 0))
      .map(({ tool, args }) => ({ operation: tool.name, args: args as EvalArgs }));
    const effects = made.filter(({ invocation, done }) => done && !readsOnly(invocation.tool)).length;
    const done = [...end.steps].flatMap(([id, { state, output }]) => (state === 'done' ? [[id, output] as const] : []));
    const outputs = await outputExcerpts(new Map(done), (kept, use) => use(kept.map(({ text }) => text ?? 'null')));
    const failures = failuresOf(end);
    return { run: { calls, ...ended(plan, end, effects) }, failures, outputs };
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
    const known = this.#tools.get(id);
    if (known) return known;
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
    const other = this.#opened.get(id);
    if (!other) this.#opened.set(id, fresh);
    else await Promise.all([running.close(), egress.close()]);
    return other ?? fresh;
  }

  async #close(id: string): Promise<void> {
    const { running, egress } = this.#opened.get(id)!;
    this.#opened.delete(id);
    await egress.close();
    await running.close();
  }
}

function failuresOf({ steps, resultError }: PlanEnd): PlanFailure[] {
  const all = [...[...steps].map(([stepId, { error }]) => [stepId, error] as const), ['result', resultError] as const];
  const isOwn = (stepId: string) => stepId === 'result' || /^(?:failed|denied)$/.test(steps.get(stepId)!.state);
  return all.flatMap(([stepId, error]) =>
    error && isOwn(stepId) ? [{ stepId, code: error.code, message: error.message }] : [],
  );
}

/** The end of a run, as the engine derives it. */
function ended(plan: Plan, end: PlanEnd, effects: number): Pick<EvalRun, 'status' | 'result' | 'reason'> {
  const failures = [...end.steps.values()].flatMap(({ error, state }) => (state === 'failed' && error ? [error] : []));
  const { resultError } = end;
  if (failures.length === 0 && !resultError && effects === 0 && foundNothing(plan, end.steps, end.result))
    failures.push({ code: 'nothing_found', message: 'Nothing was found to do this for.' });
  const { status, result, error } = endOf({
    effects,
    failures,
    result: end.result,
    resultError: resultError ? runErrorOf(resultError, false) : null,
  });
  return { status, ...(result !== undefined && { result }), ...(error && { reason: error.message }) };
}

const toRequest = ({ values, outputs }: FillAsk) => ({
  outputs,
  values: values.map(({ prompt, schema, item, iteration }) => ({
    prompt,
    ...(schema !== undefined && { schema }),
    ...(item !== undefined && { item: { index: iteration ?? 0, text: item } }),
  })),
});

async function filled(answer: Promise<FillAnswer>): Promise<FillOutcome> {
  const { values } = await answer;
  const toValue = (one: FillAnswer['values'][number]) =>
    'none' in one ? { failed: { code: 'model_failed', message: one.none } } : one;
  return { kind: 'done', values: values.map(toValue) };
}

const contextOf = (context: EvalCase['context'] = ''): string =>
  typeof context === 'string'
    ? context
    : Object.entries(context)
        .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join('; ');
