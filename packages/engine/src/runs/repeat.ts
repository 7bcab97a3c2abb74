import type { CreateRunInput, Plan } from '@errand/contracts';
import { findOfOtherContexts, findRepeatable, type Repeatable, type RunScope } from '@errand/db';
import { findRunInputs, parseContext, type RunInputs, type Sandbox } from '@errand/plan';
import { type Envelope, isEnvelope } from '../model/envelope.ts';
import { holdsText, holdsTime } from './literals.ts';
import { isRelative } from './relative-time.ts';

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
  const usable = async ({ runId, plan, context: before }: Repeatable) => {
    // Values that the planner read or people answered then may differ now.
    if (!isEnvelope(plan) || plan.looks || plan.answered) return null;
    const reads = await findRunInputs(plan.plan, sandbox);
    const texts = { intent, context };
    const fits = bindsTimes(plan.plan, reads, texts) && bindsPairs(plan.plan, reads, { context: before }, texts);
    return fits ? { runId, plan } : null;
  };
  const sameContext = await findRepeatable(scope, repeatKey, signature, context);
  const repeat = sameContext && (await usable(sameContext));
  if (repeat || parseContext(context).pairs.length === 0) return repeat;
  for (const candidate of await findOfOtherContexts(scope, repeatKey, signature, context)) {
    const repeat = await usable(candidate);
    if (repeat) return repeat;
  }
  return null;
}

/** Whether the plan computes all relative times from `now`: times that its planner computed would be stale. */
export function bindsTimes(plan: Plan, { now }: RunInputs, { intent, context }: RunTexts): boolean {
  const relative = now || isRelative(intent) || isRelative(context);
  return !relative || (now && !holdsTime(plan, `${intent}\n${context}`));
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
  const [old, now] = [parseContext(before), parseContext(context)];
  if (JSON.stringify(old.prose) !== JSON.stringify(now.prose) || old.pairs.length !== now.pairs.length) return false;
  const keys = new Set(now.pairs.map(([key]) => key));
  return old.pairs.every(([key, value], index) => {
    const [sameKey, otherRun] = now.pairs[index]!;
    if (key !== sameKey) return false;
    if (value === otherRun) return true;
    if (keys.size < now.pairs.length || !bound.has(key) || kindOf(value) !== kindOf(otherRun)) return false;
    return intent.toLowerCase().includes(value.toLowerCase()) || !holdsText(plan, value);
  });
}

const kindOf = (value: string) =>
  (['number', 'email', 'url', 'date', 'flag'] as const).find((_, index) => kinds[index]!.test(value)) ?? 'text';
const kinds = [
  /^-?\d+(?:\.\d+)?$/,
  /^\S+@\S+$/,
  /^https?:/i,
  /^\d{4}-\d\d(?:-\d\d|\b)/,
  /^(?:true|false|yes|no|on|off)$/i,
];
