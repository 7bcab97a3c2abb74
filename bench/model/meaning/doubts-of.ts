import type { PlanInput } from '@errand/contracts';
import { checkPlan, createSandbox } from '@errand/plan';
import { readTools } from '../../planning/read-tools.ts';
import { ANYWHERE } from '../../some-service.ts';
import { documentOf, HIRE, POST } from './documents.ts';
import type { ModelPlan } from './model-plan.ts';

let tools: Promise<Awaited<ReturnType<typeof readTools>>> | undefined;

/** What the checker complains about, and what it doubts, in a plan of the two services. */
export async function doubtsOf({ intent, context = '', plan }: ModelPlan): Promise<string[]> {
  tools ??= Promise.all([
    readTools(documentOf('Hire', HIRE, ANYWHERE), 'hire', 'Hire'),
    readTools(documentOf('Post', POST, ANYWHERE), 'post', 'Post'),
  ]).then((both) => both.flat());
  const sandbox = createSandbox();
  try {
    const meaning = { told: [intent, context] };
    const options = { tools: await tools, sandbox, mayFill: true, planned: true, meaning };
    const checked = await checkPlan(plan as PlanInput, options);
    return [...(checked.ok ? [] : checked.complaints), ...checked.doubts].map(({ message }) => message);
  } finally {
    await sandbox.close();
  }
}
