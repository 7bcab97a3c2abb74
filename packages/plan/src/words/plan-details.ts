import type { ArgOrigin, ArgumentInWords, Plan, StepDetails, ToolSpec } from '@errand/contracts';
import { ASK } from '../ask.ts';
import { integrationLabel } from '../execute/label.ts';
import { type KnownBefore, planLines, planWords } from './plan-words.ts';
import { PlanView } from './source.ts';
import { titleOf, titleText } from './title.ts';

/** Each step of each run has a title, and runs share their tools. */
const titles = new WeakMap<ToolSpec, string>();

/** What a step does, as people call it: "Demo CRM: List deals". @param tool undefined when it does not exist any more */
export function stepTitle(toolName: string, tool: ToolSpec | undefined): string {
  if (toolName === ASK.name) return 'Ask a person';
  if (!tool) return titleText(titleOf({ operation: toolName.slice(toolName.indexOf('.') + 1) }));
  const title = titles.get(tool) ?? `${integrationLabel(tool)}: ${titleText(titleOf(tool))}`;
  titles.set(tool, title);
  return title;
}

/** Where each argument comes from, by its pointer. Words that an earlier version has stored may not say it. */
export const originsOf = (args: readonly ArgumentInWords[]): { [pointer: string]: ArgOrigin } =>
  Object.fromEntries(
    args.flatMap(({ pointer, from, stepId, path, origin: text }) => {
      if (from === undefined) return [];
      return [[pointer, { from, ...(stepId !== undefined && { stepId }), ...(path !== undefined && { path }), text }]];
    }),
  );

/** What a plan does: its steps with what they need and where their arguments come from, and all of it as sentences. */
export function planDetails(
  plan: Plan,
  tools: readonly ToolSpec[],
  known: KnownBefore,
): { steps: StepDetails[]; words: string[] } {
  const view = new PlanView(plan, tools);
  const inWords = planWords(plan, tools, known);
  const steps = plan.steps.map((step, index): StepDetails => {
    const { effect, args } = inWords.steps[index]!;
    const needs = view.needsOf(step);
    return {
      stepId: step.id,
      title: stepTitle(step.tool, view.tool(step)),
      effect,
      needs,
      argOrigins: originsOf(args),
    };
  });
  return { steps, words: planLines(inWords) };
}
