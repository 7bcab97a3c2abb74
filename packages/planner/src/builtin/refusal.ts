// Why there is no plan, in words that tell a person what to change.
import type { PlanRequest } from '@errand/contracts';
import { integrationLabel, titleLabel, toolLabel } from '@errand/plan';
import { best } from './lexicon/words.ts';
import type { Found } from './match/candidates.ts';
import type { Rated } from './match/draft.ts';

/** Tools that are named at most, and words or arguments. */
const MAX_LISTED = 12;
const MAX_WORDS = 6;

export function refusal({ tools }: PlanRequest, { failed, refused, intent }: Found): string {
  if (tools.length === 0) return 'No tool is available to this run. Select an integration that has enabled tools.';
  if (refused !== undefined) return refused;
  const { nearest, why, clause } = failed ?? {};
  const label = nearest && toolLabel(nearest.draft.goal.operation.tool);
  if (why !== undefined) return `${label} fits, but ${why}.`;
  if (nearest !== undefined && isNear(nearest)) {
    const left = nearest.left.slice(0, MAX_WORDS).map(({ text }) => `"${text}"`);
    if (left.length > 0)
      return `${label} comes nearest, but I could not place ${left.join(', ')}. Leave it out or say it in other words.`;
    const missing = nearest.draft.missing.slice(0, MAX_WORDS).map(({ at, shape }) => {
      const name = at.length > 1 && /^(?:path|query|header|body)$/.test(at[0]!) ? at.slice(1) : at;
      return `${name.join('.')}${shape.description ? ` (${shape.description.slice(0, 80)})` : ''}`;
    });
    return missing.length > 0
      ? `${label} fits, but neither the intent nor the context tells ${missing.join(', ')}. Add it to the intent or to the context as key=value.`
      : `${label} comes nearest, but it is not what was asked for.`;
  }
  const said = (clause ? [clause] : intent.clauses).flatMap(({ topics }) => topics);
  const names = intent.values.flatMap(({ kind, text }) => (kind === 'name' || kind === 'quoted' ? [`"${text}"`] : []));
  const topics = [...said.flatMap(({ term, weight }) => (weight >= 0.5 ? [term.text] : [])), ...names];
  const writes = clause?.moods.some((mood) => mood !== 'read');
  const what = writes ? 'an operation that changes something' : 'an operation that reads';
  const about = topics.length > 0 && `about ${[...new Set(topics)].slice(0, MAX_WORDS).join(', ')}`;
  const sought = ['Sought', what, clause?.verb && `"${clause.verb.text}"`, about].filter(Boolean).join(' ');
  return `${sought}; none of the ${tools.length} tools fits. There are: ${listed(tools)}.`;
}

/** Whether it is about one of the things that were spoken of. */
const isNear = ({ draft, scope, focus }: Rated): boolean =>
  focus >= 0.5 || scope.clause.topics.some(({ term }) => best(term, draft.goal.operation.nouns) >= 0.8);

/** The first tools by their titles, each integration by its name. */
function listed(tools: PlanRequest['tools']): string {
  const titles = new Map<string, string[]>();
  for (const tool of tools.slice(0, MAX_LISTED))
    titles.set(integrationLabel(tool), [...(titles.get(integrationLabel(tool)) ?? []), titleLabel(tool)]);
  const parts = [...titles].map(([name, own]) => `${own.join(', ')} at ${name}`);
  return `${parts.join('; ')}${tools.length > MAX_LISTED ? '; and others' : ''}`;
}
