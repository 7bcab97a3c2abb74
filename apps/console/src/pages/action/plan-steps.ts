// The steps of the plan of an action, as the graph shows them.
import type { FlowStep } from '../../plan/flow-step.ts';
import type { Action, ReadPlan } from './use-action.ts';

type Plan = Action['plan'];
type Step = Plan['steps'][number];

/** @param saved the plan of the saved errand, which the action may have replaced
 * @param names of the integrations by their ids */
export function stepsOf(
  { plan, values }: Pick<Action, 'plan' | 'values'>,
  saved: Pick<ReadPlan, 'plan' | 'steps'> | undefined,
  names: ReadonlyMap<string, string>,
): FlowStep[] {
  const ids = new Set(plan.steps.map(({ id }) => id));
  return plan.steps.map((step) => {
    const details = detailsOf(step, saved);
    const taken = values.filter(({ bound, usedIn }) => bound && usedIn.some(({ stepId }) => stepId === step.id));
    return {
      stepId: step.id,
      title: details?.title ?? titleOf(step.tool, names),
      effect: details?.effect ?? step.effect,
      needs: needsOf(step, ids).map((stepId) => ({ stepId })),
      state: 'planned',
      ...(taken.length > 0 && { note: `takes ${taken.map(({ name }) => name).join(', ')}` }),
    };
  });
}

function detailsOf({ id, tool }: Step, saved: Pick<ReadPlan, 'plan' | 'steps'> | undefined) {
  const isSame = saved?.plan.steps.some((step) => step.id === id && step.tool === tool);
  return isSame ? saved?.steps.find(({ stepId }) => stepId === id) : undefined;
}

/** "CRM: create deal" of `crm_1a2b3c4d.createDeal`. */
function titleOf(tool: string, names: ReadonlyMap<string, string>): string {
  const dot = tool.indexOf('.');
  const id = tool.slice(0, dot);
  const words = tool.slice(dot + 1).replace(/([a-z0-9])([A-Z])/g, '$1 $2');
  return `${names.get(id) ?? id}: ${words.replaceAll('_', ' ').toLowerCase()}`;
}

/** The steps that must end first: it names them in `dependsOn` or in expressions. */
function needsOf({ id, dependsOn = [], tool: _, reason: __, ...rest }: Step, ids: ReadonlySet<string>): string[] {
  const named = [...JSON.stringify(rest).matchAll(/\bsteps\.([a-zA-Z][a-zA-Z0-9_]*)/g)].map(([, name]) => name!);
  return [...new Set([...dependsOn, ...named])].filter((name) => name !== id && ids.has(name));
}
