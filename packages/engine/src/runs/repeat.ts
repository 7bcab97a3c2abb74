import type { CreateRunInput, Plan } from '@errand/contracts';
import { findOfOtherContexts, findRepeatable, type Repeatable, type RunScope } from '@errand/db';
import { findRunInputs, parseContext, type RunInputs, type Sandbox } from '@errand/plan';
import { type Envelope, isEnvelope, withoutTakenOver } from '../model/envelope.ts';
import { containsOtherTime, containsText } from './literals.ts';
import { mayNameRelativeTime } from './relative-time.ts';

type RunTexts = Pick<CreateRunInput, 'intent' | 'context'>;

/**
 * The newest successful run of the same key and signature with a plan that can be repeated. Its context must be equal, or differ only in
 * values that the plan binds. Times relative to now must be bound too. In doubt the result is null, and the run gets a new plan.
 */
export async function findRepeat(
  scope: RunScope,
  sandbox: Sandbox,
  { repeatKey, intent, context }: Pick<CreateRunInput, 'repeatKey' | 'intent' | 'context'>,
  signature: Buffer,
): Promise<{ runId: string; plan: Envelope } | null> {
  if (repeatKey === undefined) return null;
  const toRepeat = async ({ runId, plan, context: before }: Repeatable) => {
    // Values that the planner read or people answered then may differ now.
    if (!isEnvelope(plan) || plan.looks || plan.answered) return null;
    const reads = await findRunInputs(plan.plan, sandbox);
    const texts = { intent, context };
    const fits = bindsTimes(plan.plan, reads, texts) && bindsPairs(plan.plan, reads, { context: before }, texts);
    return fits ? { runId, plan: withoutTakenOver(plan) } : null;
  };
  const sameContext = await findRepeatable(scope, repeatKey, signature, context);
  const repeat = sameContext && (await toRepeat(sameContext));
  if (repeat || parseContext(context).pairs.length === 0) return repeat;
  for (const candidate of await findOfOtherContexts(scope, repeatKey, signature, context)) {
    const repeat = await toRepeat(candidate);
    if (repeat) return repeat;
  }
  return null;
}

/** Whether the plan computes all relative times from `now`: times that its planner computed would be stale. */
export function bindsTimes(plan: Plan, { now }: RunInputs, { intent, context }: RunTexts): boolean {
  const relative = now || mayNameRelativeTime(intent) || mayNameRelativeTime(context);
  return !relative || (now && !containsOtherTime(plan, `${intent}\n${context}`));
}

/**
 * Whether two contexts differ only in values that a plan binds. Prose, keys and kinds of values must be equal, because they may have
 * influenced the planner.
 */
export function bindsPairs(
  plan: Plan,
  { pairs: bound }: RunInputs,
  { context: before }: Pick<RunTexts, 'context'>,
  { intent, context }: RunTexts,
): boolean {
  if (before === context) return true;
  const [oldParts, newParts] = [parseContext(before), parseContext(context)];
  const isSameProse = JSON.stringify(oldParts.prose) === JSON.stringify(newParts.prose);
  if (!isSameProse || oldParts.pairs.length !== newParts.pairs.length) return false;
  const keys = new Set(newParts.pairs.map(([key]) => key));
  return oldParts.pairs.every(([key, value], index) => {
    const [newKey, newValue] = newParts.pairs[index]!;
    if (key !== newKey) return false;
    if (value === newValue) return true;
    if (keys.size < newParts.pairs.length || !bound.has(key) || kindOf(value) !== kindOf(newValue)) return false;
    return intent.toLowerCase().includes(value.toLowerCase()) || !containsText(plan, value);
  });
}

const kindOf = (value: string) =>
  (['number', 'email', 'url', 'date', 'flag'] as const).find((_, index) => KIND_PATTERNS[index]!.test(value)) ?? 'text';
const KIND_PATTERNS = [
  /^-?\d+(?:\.\d+)?$/,
  /^[^\s@]+@\S+$/,
  /^https?:/i,
  /^\d{4}-\d\d(?:-\d\d|\b)/,
  /^(?:true|false|yes|no|on|off)$/i,
];
