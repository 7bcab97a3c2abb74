import type {
  Json,
  Plan,
  PlanFailure,
  PlanOrNone,
  PlanRequest,
  PlanStep,
  TokenUsage,
  ToolSpec,
} from '@errand/contracts';
import { lookPlan } from './look/look-plan.ts';
import { candidates, type Found } from './match/candidates.ts';
import { isName, nested, readableId, type Step } from './match/draft.ts';
import type { Candidate } from './match/finish.ts';
import { refusal } from './refusal.ts';
import { catalogOf } from './tools/catalog.ts';

/** Drafts that are put to the checker at most. */
const TRIES = 5;
/** Names that a refusal tells at most. */
const MAX_NAMES = 6;
const NO_TOKENS: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/**
 * A planner without a model and without a network: it reads the intent, searches the tools, fills arguments by schema, chains
 * lookups by type and name, and shapes the result. The same request always gives the same plan.
 * @param tools read ahead, so that reading does not count as planning
 */
export function createBuiltinPlanner(tools: readonly ToolSpec[] = []) {
  if (tools.length > 0) catalogOf(tools);
  return {
    looks: true,
    async plan(request: PlanRequest): Promise<PlanOrNone> {
      const found = candidates(request);
      const look = looking(request, found);
      if (look !== undefined && (await request.check(look)).length === 0)
        return { kind: 'plan', plan: look, usage: NO_TOKENS, madeBy: 'builtin' };
      if (found.chosen.length === 0) return none(refusal(request, found));
      const missing = request.previous?.looked ? missingOf(found) : [];
      if (missing.length > 0) return none(`I found nothing that is called ${missing.join(' or ')}.`);
      let errors: Awaited<ReturnType<PlanRequest['check']>> = [];
      for (const candidate of found.chosen.slice(0, TRIES)) {
        request.signal.throwIfAborted();
        const plan: Plan = planOf(request, candidate);
        const faults = await request.check(plan);
        if (faults.length === 0) return { kind: 'plan', plan, usage: NO_TOKENS, madeBy: 'builtin' };
        if (errors.length === 0) errors = faults;
      }
      return {
        kind: 'none',
        code: 'plan_failed',
        reason: 'A plan was drafted, and it did not pass the checks. Say it in other words, or give a plan.',
        errors,
        retryable: false,
        usage: NO_TOKENS,
      };
    },
  };
}

/** The plan that looks first: where nothing is planned, an id is doubtful, or a plan found nothing and has changed nothing. */
function looking(request: PlanRequest, found: Found): Plan | undefined {
  const { mayLook = false, previous } = request;
  if (!mayLook || previous?.looked || found.refused !== undefined) return undefined;
  const done = new Set(
    previous?.plan.steps.flatMap(({ id, tool }) => (Object.hasOwn(previous.outputs, id) ? [tool] : [])),
  );
  const isChanged = found.catalog.operations.some(({ reads, tool }) => !reads && done.has(tool.name));
  const isNew =
    previous === undefined
      ? found.chosen.length === 0 || doubtfulIds(found).length > 0
      : previous.failures.every(isNotFound) && !isChanged;
  return isNew ? lookPlan(request, found) : undefined;
}

/** Names that no row has which was looked at, where no row has any of them: looking them up would end as before. */
function unknownNames({ intent }: Found): string[] {
  const names = intent.values.filter((one) => isName(one) && !one.self && !one.fromContext);
  return names.some(({ seen }) => seen !== undefined) ? [] : names.slice(0, MAX_NAMES).map(({ text }) => `"${text}"`);
}

/** A result that lacks what was not found fails, too. */
const isNotFound = ({ stepId, code }: PlanFailure, index: number): boolean =>
  code === 'nothing_found' || (stepId === 'result' && index > 0);

/** Ids of a write that may be codes of what has another id: "Give desk S-02 to Ana". */
const doubtfulIds = ({ chosen: [first], catalog }: Found) =>
  (first?.steps ?? []).flatMap(({ operation, filled }) =>
    operation.reads
      ? []
      : filled.flatMap(({ slot, used: [value] }) =>
          /^(?:id|number)$/.test(value?.kind ?? '') && catalog.isDoubtful(slot, value!.text)
            ? [{ slot, text: value!.text }]
            : [],
        ),
  );

/** What no row is called or has as an id, of all that were looked at. */
const missingOf = (found: Found): string[] => [
  ...unknownNames(found),
  ...doubtfulIds(found).flatMap(({ slot, text }) => (found.catalog.lacks(slot, text) ? [`"${text}"`] : [])),
];

const none = (reason: string): PlanOrNone => ({
  kind: 'none',
  code: 'no_plan',
  reason,
  retryable: false,
  usage: NO_TOKENS,
});

/** A candidate as a plan of the contract. */
function planOf(request: PlanRequest, candidate: Candidate): Plan {
  const names = new Map<string, string>();
  const { looked, plan: before } = request.previous ?? {};
  const taken = new Set(before?.steps.map(({ id }) => id));
  for (const step of candidate.steps) {
    const id = readableId(step, taken, looked ? 'Next' : '');
    names.set(step.id, id);
    taken.add(id);
  }
  const steps = candidate.steps.map(stepOf);
  const plan: Plan = { goal: request.intent.trim().slice(0, 10_000), steps };
  if (candidate.result !== undefined) plan.result = candidate.result as Json;
  return renamed(plan, names) as Plan;
}

/** Ids of drafts are unlike anything else that a plan holds, so they are replaced wherever they stand in an expression. */
function renamed(value: unknown, names: ReadonlyMap<string, string>, key = ''): unknown {
  if (typeof value === 'string') {
    if (key === '$')
      return value.replace(/\bsteps\.(d\d+x[0-9a-z]+x)\b/g, (whole, id: string) =>
        names.has(id) ? `steps.${names.get(id)}` : whole,
      );
    return key === 'id' ? (names.get(value) ?? value) : value;
  }
  if (Array.isArray(value)) return value.map((one) => renamed(one, names));
  if (typeof value !== 'object' || value === null) return value;
  // Where there are several results, each is called as the step is that brings it.
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [names.get(name) ?? name, renamed(one, names, name)]),
  );
}

/** What a tool takes must be there, also where nothing in it is told. */
const emptyOf = ({ inputSchema: { required } }: ToolSpec): Record<string, Json> =>
  Object.fromEntries(
    (Array.isArray(required) ? required : []).flatMap((group) => (group === 'body' ? [[group, {}]] : [])),
  );

function stepOf(step: Step): PlanStep {
  const { tool } = step.operation;
  return {
    id: step.id,
    tool: tool.name,
    effect: tool.effect,
    args: { ...emptyOf(tool), ...nested(step.args) },
    reason: step.reason.trim().slice(0, 2000) || tool.operation,
    ...(step.pages && { pages: step.pages }),
    ...(step.forEach !== undefined && { forEach: { $: step.forEach } }),
    ...(step.when !== undefined && { when: { $: step.when } }),
  };
}
