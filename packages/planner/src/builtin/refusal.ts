// Why there is no plan, in words that tell a person what to change.
import type { PlanRequest } from '@errand/contracts';
import { integrationLabel, titleLabel, toolLabel } from '@errand/plan';
import { best } from './lexicon/likeness.ts';
import type { Found } from './match/candidates.ts';
import type { Rated } from './match/rated.ts';

/** Tools that are named at most. */
const MAX_LISTED = 12;

export function refusal({ tools }: PlanRequest, { failed, refused, intent }: Found): string {
  if (tools.length === 0) return 'No tool is available to this run. Select an integration that has enabled tools.';
  if (refused !== undefined) return refused;
  const nearest = failed?.nearest;
  if (nearest !== undefined && failed?.why !== undefined)
    return `${toolLabel(nearest.draft.goal.operation.tool)} fits, but ${failed.why}.`;
  if (nearest !== undefined && isNear(nearest)) {
    const { goal, missing } = nearest.draft;
    const label = toolLabel(goal.operation.tool);
    if (nearest.left.length > 0)
      return `${label} comes nearest, but I could not place ${quoted(nearest.left.map(({ text }) => text))}. Leave it out or say it in other words.`;
    if (missing.length > 0) {
      const told = missing.map(
        ({ at, shape }) => `${nameOf(at)}${shape.description ? ` (${shape.description.slice(0, 80)})` : ''}`,
      );
      return `${label} fits, but neither the intent nor the context tells ${told.slice(0, 6).join(', ')}. Add it to the intent or to the context as key=value.`;
    }
    return `${label} comes nearest, but it is not what was asked for.`;
  }
  const clause = failed?.clause;
  const topics = (clause?.topics ?? intent.clauses.flatMap((one) => one.topics))
    .filter(({ weight }) => weight >= 0.5)
    .map(({ term }) => term.text)
    .concat(intent.values.filter(({ kind }) => kind === 'name' || kind === 'quoted').map(({ text }) => `"${text}"`));
  const what = failed?.wanted === 'write' ? 'an operation that changes something' : 'an operation that reads';
  const about = topics.length > 0 && `about ${[...new Set(topics)].slice(0, 6).join(', ')}`;
  const sought = ['Sought', what, clause?.verb && `"${clause.verb.text}"`, about].filter(Boolean).join(' ');
  return `${sought}; none of the ${tools.length} tools fits. There are: ${listed(tools)}.`;
}

/** Whether it is about one of the things that were spoken of. */
const isNear = ({ draft, scope, focus }: Rated): boolean =>
  focus >= 0.5 || scope.clause.topics.some(({ term }) => best(term, draft.goal.operation.nouns) >= 0.8);

const quoted = (texts: readonly string[]) =>
  texts
    .slice(0, 6)
    .map((text) => `"${text}"`)
    .join(', ');

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
