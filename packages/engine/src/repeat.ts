import type { CreateRunInput } from '@errand/contracts';
import { findRepeatable, type RunScope } from '@errand/db';
import { readsNow, type Sandbox } from '@errand/plan';
import { type Envelope, isEnvelope } from './envelope.ts';
import { isRelative } from './relative-time.ts';

/**
 * The newest success whose plan does for a run: of the same key, signature and context, since values of another context would be
 * stale. So would be a time that was computed when the earlier run was planned: where the request may speak of one, its plan does
 * only when it computes it anew, from `now`.
 */
export async function findRepeat(
  scope: RunScope,
  sandbox: Sandbox,
  { repeatKey, intent, context }: Pick<CreateRunInput, 'repeatKey' | 'intent' | 'context'>,
  signature: Buffer,
): Promise<{ runId: string; plan: Envelope } | null> {
  if (repeatKey === undefined) return null;
  const earlier = await findRepeatable(scope, repeatKey, signature, context);
  if (!earlier || !isEnvelope(earlier.plan)) return null;
  const { runId, plan } = earlier;
  if ((isRelative(intent) || isRelative(context)) && !(await readsNow(plan.plan, sandbox))) return null;
  return { runId, plan };
}
