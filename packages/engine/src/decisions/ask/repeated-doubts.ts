import type { Json, Plan, PlanStep, ToolSpec } from '@errand/contracts';
import { type Doubt, type Flows, holesOf, type StepError, stepIndexOf } from '@errand/plan';

/** The doubts about a step, or about a step that a write reads from. */
export function doubtsAbout(
  { plan, doubts, flows }: { plan: Plan; doubts: readonly Doubt[]; flows: Flows },
  step: PlanStep,
  tool: ToolSpec,
): string[] {
  const before = flows.ancestors(step.id);
  return doubts.flatMap(({ pointer, why, asks }) => {
    const index = stepIndexOf(pointer);
    const id = index === undefined ? undefined : plan.steps[index]?.id;
    if (id === undefined) return [];
    if (id === step.id) return asks || tool.effect === 'write' ? [why] : [];
    return tool.effect === 'write' && before.has(id) ? [why] : [];
  });
}

/** The effect of a doubt on a result: the failure, and the remaining part of the result. */
type DoubtfulEnd = { failure: StepError; remainingResult: Json | undefined };

/**
 * The failure of a plan whose steps succeeded: an empty part of the result (`null`, 0, an empty text, list or object) or a question, with
 * a doubt about it, is no success.
 */
export async function doubtOfEnd(
  { plan, doubts = [] }: { plan: Plan; doubts?: readonly Doubt[] },
  flowsOfPlan: Promise<Flows>,
  result: Json | undefined,
): Promise<DoubtfulEnd | undefined> {
  if (doubts.length === 0 || plan.then !== undefined) return undefined;
  const flows = await flowsOfPlan;
  const parts = plan.result === undefined ? [''] : holesOf(plan.result).map(({ pointer }) => pointer);
  const values = parts.map((pointer) => valueAt(result ?? null, pointer));
  const about = (pointer: string, value: Json): string | undefined => {
    const reads = new Set(flows.result.get(pointer)?.steps.flatMap((id) => [id, ...flows.ancestors(id)]));
    return doubts.find((doubt) => {
      const index = stepIndexOf(doubt.pointer);
      if (index !== undefined) return isEmptyValue(value) && reads.has(plan.steps[index]!.id);
      return doubt.pointer === `/result${pointer}` && (isEmptyValue(value) || isQuestion(value));
    })?.why;
  };
  const why = parts.flatMap((pointer, index) => about(pointer, values[index]!) ?? []);
  if (why.length === 0) return undefined;
  const failure = { code: 'nothing_found', message: `The result says nothing. ${why[0]}` };
  const isEmpty = values.every((value) => isEmptyValue(value) || isQuestion(value));
  return { failure, remainingResult: isEmpty ? undefined : result };
}

const isQuestion = (value: Json): boolean => typeof value === 'string' && value.trimEnd().endsWith('?');

function isEmptyValue(value: Json): boolean {
  if (value === null || value === 0 || value === '') return true;
  return typeof value === 'object' && Object.values(value).every(isEmptyValue);
}

function valueAt(value: Json, pointer: string): Json {
  let at: Json = value;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return null;
    at = (at as { [key: string]: Json })[part.replaceAll('~1', '/').replaceAll('~0', '~')] ?? null;
  }
  return at;
}
