// Plans an intent and runs the plan against a service that is a function.
import type { Json, PlanOrNone, PlanRequest, ToolSpec } from '@errand/contracts';
import {
  checkPlan,
  createSandbox,
  fillHoles,
  holesOf,
  outputExcerpts,
  parseContext,
  runPlan,
  toOutput,
} from '@errand/plan';
import { createBuiltinPlanner } from '../builtin-planner.ts';

export type Call = { operation: string; args: Record<string, Record<string, Json>> };

const NOW = '2026-11-25T09:00:00.000Z';
let open: ReturnType<typeof createSandbox> | undefined;
const sandboxOf = () => {
  open ??= createSandbox();
  return open;
};

export function closeRuns(): void {
  open?.close();
  open = undefined;
}

/** What a request holds beside its intent and its tools. */
export type More = Partial<
  Pick<PlanRequest, 'context' | 'now' | 'outputSchema' | 'user' | 'userId' | 'mayLook' | 'previous'>
>;

export const planOf = (tools: readonly ToolSpec[], intent: string, more: More = {}): Promise<PlanOrNone> =>
  createBuiltinPlanner().plan({
    intent,
    context: '',
    userId: 'user-1',
    now: NOW,
    tools,
    instructions: [],
    signal: new AbortController().signal,
    check: async (plan) => {
      const checked = await checkPlan(plan, { tools, sandbox: sandboxOf(), mayFill: false });
      return checked.ok ? [] : checked.complaints;
    },
    ...more,
  });

/**
 * What comes of an intent: the result, the calls, and the sentence with which it ends where it does not succeed. With `mayLook` a plan that only looks,
 * or that found nothing, is planned on, as the engine does; `looks` are its calls.
 */
export async function run(
  tools: readonly ToolSpec[],
  intent: string,
  answer: (call: Call) => unknown,
  more: More = {},
) {
  const { context = '', now = NOW } = more;
  const [calls, looks]: [Call[], Call[]] = [[], []];
  let last: { refused?: string; code?: string; result?: Json } = {};
  for (let previous: PlanRequest['previous']; ; ) {
    const draft = await planOf(tools, intent, { userId: 'user-1', ...more, ...(previous && { previous }) });
    const isAgain = previous !== undefined && previous.looked !== true;
    if (draft.kind === 'none')
      return { result: undefined, ...(isAgain ? last : { refused: draft.reason }), calls, looks };
    const { plan } = draft;
    const end = await runPlan(plan, {
      tools,
      sandbox: sandboxOf(),
      scope: { intent, context, input: null, now },
      call: async ({ tool, args }) => {
        const call = { operation: tool.operation, args: args as Call['args'] };
        (plan.then === undefined ? calls : looks).push(call);
        return { kind: 'done', output: toOutput(answer(call) as Json) };
      },
    });
    const error = [...end.steps.values()].find((step) => step.error)?.error ?? end.resultError;
    last = { refused: error?.message, code: error?.code, result: end.result };
    const isOver = error?.code !== 'nothing_found' || previous !== undefined;
    if (!more.mayLook || (plan.then === undefined && isOver)) return { ...last, calls, looks };
    const done = [...end.steps].filter(([, { state }]) => state === 'done');
    const outputs = await outputExcerpts(new Map(done.map(([id, { output }]) => [id, output])), (list, use) =>
      use(list.map(({ text }) => text ?? 'null')),
    );
    const failures = error ? [{ stepId: 'x', code: error.code, message: error.message }] : [];
    previous = { plan, outputs, failures, ...(plan.then !== undefined && { looked: true }) };
  }
}

/** A value with its bindings on `now` and the context computed; what hangs on outputs stays as it is. */
export async function computed(value: Json, { now = NOW, context = '' }: More = {}): Promise<Json> {
  const holes = holesOf(value).filter(({ text }) => /\b(?:now|pairs)\b/.test(text) && !text.includes('steps.'));
  const pairs = Object.fromEntries(parseContext(context).pairs);
  const outcomes = await sandboxOf().evaluate(
    holes.map(({ text }) => text),
    { now, pairs },
  );
  return fillHoles(value, ({ pointer, text }): Json => {
    const outcome = outcomes[holes.findIndex((one) => one.pointer === pointer)];
    return outcome === undefined ? { $: text } : outcome.ok ? (outcome.value as Json) : text;
  }) as Json;
}
