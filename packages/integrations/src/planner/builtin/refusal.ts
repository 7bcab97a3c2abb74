// Why there is no plan, in words that tell a caller what to change.
import type { PlanRequest } from '@errand/contracts';
import type { Found } from './candidates.ts';

export function refusal({ tools }: PlanRequest, { failed, intent }: Found): string {
  if (tools.length === 0) return 'No tool is available to this run. Select an integration that has enabled tools.';
  const clause = failed?.clause;
  const nearest = failed?.nearest;
  const topics = (clause?.topics ?? intent.clauses.flatMap((one) => one.topics))
    .filter(({ weight }) => weight >= 0.5)
    .map(({ term }) => term.text);
  const verb = clause?.verb?.text;
  const sought = [verb && `"${verb}"`, topics.length > 0 && `about ${[...new Set(topics)].slice(0, 6).join(', ')}`]
    .filter(Boolean)
    .join(' ');
  const what = failed?.wanted === 'write' ? 'an operation that changes something' : 'an operation that reads';
  if (nearest !== undefined && nearest.draft.missing.length > 0 && nearest.focus >= 0.5) {
    const { operation } = nearest.draft.goal;
    const missing = nearest.draft.missing.map(
      ({ at, shape }) => `${at.join('.')}${shape.description ? ` (${shape.description.slice(0, 80)})` : ''}`,
    );
    return `${operation.tool.name} fits, but neither the intent nor the context tells ${missing.slice(0, 6).join(', ')}. Add it to the intent or to the context as key=value.`;
  }
  const there = [...new Set(tools.map((tool) => tool.name))].slice(0, 12);
  return `Sought ${what}${sought === '' ? '' : ` ${sought}`}; none of the ${tools.length} tools fits. There are: ${there.join(', ')}${tools.length > there.length ? ', …' : ''}.`;
}
