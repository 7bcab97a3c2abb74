// Why there is no plan, in words that tell a caller what to change.
import type { PlanRequest } from '@errand/contracts';
import { integrationLabel, titleLabel, toolLabel } from '@errand/plan';
import type { Found } from './match/candidates.ts';
import { evidence } from './match/score.ts';

/** Tools that are named at most. */
const MAX_LISTED = 12;

export function refusal({ tools }: PlanRequest, { failed, intent }: Found): string {
  if (tools.length === 0) return 'No tool is available to this run. Select an integration that has enabled tools.';
  const clause = failed?.clause;
  const nearest = failed?.nearest;
  const topics = (clause?.topics ?? intent.clauses.flatMap((one) => one.topics))
    .filter(({ weight }) => weight >= 0.5)
    .map(({ term }) => term.text)
    .concat(intent.values.filter(({ kind }) => kind === 'name' || kind === 'quoted').map(({ text }) => `"${text}"`));
  const verb = clause?.verb?.text;
  const sought = [verb && `"${verb}"`, topics.length > 0 && `about ${[...new Set(topics)].slice(0, 6).join(', ')}`]
    .filter(Boolean)
    .join(' ');
  // What the nearest operation says nothing of is not told by what it takes.
  const strange = (clause?.topics ?? []).filter(
    ({ term, weight }) => weight === 1 && nearest?.draft.steps.every((step) => evidence(term, step) < 0.3),
  );
  const what = failed?.wanted === 'write' ? 'an operation that changes something' : 'an operation that reads';
  if (nearest !== undefined && failed?.why !== undefined)
    return `${toolLabel(nearest.draft.goal.operation.tool)} fits, but ${failed.why}.`;
  if (nearest !== undefined && nearest.draft.missing.length > 0 && nearest.focus >= 0.5 && strange.length === 0) {
    const { operation } = nearest.draft.goal;
    const missing = nearest.draft.missing.map(
      ({ at, shape }) => `${nameOf(at)}${shape.description ? ` (${shape.description.slice(0, 80)})` : ''}`,
    );
    return `${toolLabel(operation.tool)} fits, but neither the intent nor the context tells ${missing.slice(0, 6).join(', ')}. Add it to the intent or to the context as key=value.`;
  }
  const seek = `Sought ${what}${sought === '' ? '' : ` ${sought}`}; none of the ${tools.length} tools fits.`;
  return `${seek} There are: ${listed(tools)}.`;
}

/** The first tools by their titles, each integration by its name. */
function listed(tools: PlanRequest['tools']): string {
  const titles = new Map<string, string[]>();
  for (const tool of tools.slice(0, MAX_LISTED)) {
    const name = integrationLabel(tool);
    titles.set(name, [...(titles.get(name) ?? []), titleLabel(tool)]);
  }
  const parts = [...titles].map(([name, own]) => `${own.join(', ')} at ${name}`);
  return `${parts.join('; ')}${tools.length > MAX_LISTED ? '; and others' : ''}`;
}

/** An argument without the part of the request that it stands in. */
const nameOf = (at: readonly (string | number)[]): string =>
  (at.length > 1 && /^(?:path|query|header|body)$/.test(String(at[0])) ? at.slice(1) : at).join('.');
