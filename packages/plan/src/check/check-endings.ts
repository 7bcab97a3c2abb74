import type { Plan } from '@errand/contracts';
import type { Complaint } from './complaint.ts';

/** What may end a plan before its last step: `unless` and what it says. */
export function checkEndings(plan: Plan): Complaint[] {
  return plan.steps.flatMap(({ unless, say }, index) => {
    if ((unless === undefined) === (say === undefined)) return [];
    const missing = unless === undefined ? 'unless' : 'say';
    const message =
      missing === 'say'
        ? 'unless ends the plan, and people must be told why: add say, one sentence such as "There is no account named Northwind."'
        : 'say is told when unless ends the plan: add unless, or leave say out.';
    return [{ pointer: `/steps/${index}/${missing === 'say' ? 'unless' : 'say'}`, message }];
  });
}
