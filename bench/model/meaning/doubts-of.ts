import type { PlanInput } from '@errand/contracts';
import { ANYWHERE, readTools } from '@errand/evals';
import { checkPlan, type Sandbox } from '@errand/plan';
import { CLINIC } from './clinic.ts';
import { documentOf } from './documents.ts';
import { HIRE } from './hire.ts';
import type { ModelPlan } from './model-plans.ts';
import { POST } from './post.ts';
import { TRACK } from './track.ts';

let tools: Promise<Awaited<ReturnType<typeof readTools>>> | undefined;

/** The checker's complaints and doubts about a plan for the services. */
export async function doubtsOf({ intent, context = '', plan }: ModelPlan, sandbox: Sandbox): Promise<string[]> {
  tools ??= Promise.all([
    readTools(documentOf('Hire', HIRE, ANYWHERE), 'hire', 'Hire'),
    readTools(documentOf('Post', POST, ANYWHERE), 'post', 'Post'),
    readTools(documentOf('Clinic', CLINIC, ANYWHERE), 'clinic', 'Clinic'),
    readTools(documentOf('Track', TRACK, ANYWHERE), 'track', 'Track'),
  ]).then((all) => all.flat());
  const meaning = { userTexts: [intent, context] };
  const options = { tools: await tools, sandbox, mayFill: true, planned: true, meaning };
  const checked = await checkPlan(plan as PlanInput, options);
  return [...(checked.ok ? [] : checked.complaints), ...checked.doubts].map(({ message }) => message);
}
