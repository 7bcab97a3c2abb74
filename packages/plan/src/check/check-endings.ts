import type { Plan, ToolSpec } from '@errand/contracts';
import { readsOnly } from '../tools/reads-only.ts';
import type { Complaint } from './complaint.ts';

/**
 * How a plan may end: with a result, early in words for people (`unless`, `say`), or with another plan (`then`).
 * @param endsBecause why no other plan may follow
 */
export function checkEndings(
  plan: Plan,
  tools: ReadonlyMap<string, ToolSpec>,
  endsBecause: string | undefined,
): Complaint[] {
  if (plan.then !== undefined) return [...checkSayings(plan), ...checkThen(plan, tools, endsBecause)];
  const alone = 'mayWrite is for the plan after this one: leave it out, or write "then": "plan" in place of result.';
  return [...checkSayings(plan), ...(plan.mayWrite ? [{ pointer: '/mayWrite', message: alone }] : [])];
}

const checkSayings = ({ steps }: Plan): Complaint[] =>
  steps.flatMap(({ unless, say }, index) => {
    if ((unless === undefined) === (say === undefined)) return [];
    if (unless === undefined) {
      const message = 'say is told when unless ends the plan: add unless, or leave say out.';
      return [{ pointer: `/steps/${index}/say`, message }];
    }
    const message =
      'unless ends the plan, and people must be told why: add say, one sentence such as "There is no account named Northwind."';
    return [{ pointer: `/steps/${index}/unless`, message }];
  });

function checkThen(
  { steps, result, mayWrite = [] }: Plan,
  tools: ReadonlyMap<string, ToolSpec>,
  endsBecause: string | undefined,
): Complaint[] {
  if (endsBecause !== undefined) return [{ pointer: '/then', message: endsBecause }];
  const both = { pointer: '/then', message: 'then stands in place of result: leave one of them out.' };
  const writes = steps.flatMap(({ tool }, index) => {
    const named = tools.get(tool);
    if (named === undefined || readsOnly(named)) return [];
    const message = `${tool} is a write tool, and a plan with "then": "plan" only reads: write in the plan that comes after it.`;
    return [{ pointer: `/steps/${index}/tool`, message }];
  });
  const named = mayWrite.flatMap((name, index) => {
    const tool = tools.get(name);
    if (tool?.effect === 'write') return [];
    const message = tool ? `${name} is a read tool; mayWrite names write tools alone.` : `There is no tool ${name}.`;
    return [{ pointer: `/mayWrite/${index}`, message }];
  });
  return [...(result === undefined ? [] : [both]), ...writes, ...named];
}
