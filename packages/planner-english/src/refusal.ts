// Why there is no plan, in words that tell a person what could not be placed, and what can be done instead.
import type { PlanRequest } from '@errand/contracts';
import { integrationLabel, titleLabel, toolLabel } from '@errand/plan';
import { best, words } from './lexicon/words.ts';
import type { Found } from './match/candidates.ts';
import type { Rated } from './match/draft.ts';
import type { Slot } from './tools/inputs.ts';

/** Tools that are named at most, and words or arguments. */
const MAX_LISTED = 12;
const MAX_WORDS = 6;
const MAX_DESCRIBED = 80;

export function refusal({ tools }: PlanRequest, { failed, refused, intent }: Found): string {
  if (tools.length === 0) return 'No tool is available to this run. Select an integration that has enabled tools.';
  if (refused !== undefined) return refused;
  const { nearest, why, clause } = failed ?? {};
  const label = nearest && toolLabel(nearest.draft.goal.operation.tool);
  if (why !== undefined) return `${label} fits, but ${why}.`;
  if (nearest !== undefined && isNear(nearest)) {
    const left = [...new Set(nearest.left.map(({ text }) => `"${text}"`))].slice(0, MAX_WORDS);
    if (left.length > 0)
      return `${label} comes nearest, but I could not place ${left.join(', ')}. Leave it out or say it in other words.`;
    const missing = nearest.draft.missing.slice(0, MAX_WORDS).map(nameOf);
    return missing.length > 0
      ? `${label} fits, but it needs to be told ${missing.join(', ')}. Say it in the intent, or in the context as name=value.`
      : `${label} comes nearest, but it is not what was asked for.`;
  }
  const said = (clause ? [clause] : intent.clauses).flatMap(({ topics }) => topics);
  const names = intent.values.flatMap(({ kind, text, self }) =>
    !self && (kind === 'name' || kind === 'quoted') ? [`"${text}"`] : [],
  );
  const topics = [...said.flatMap(({ term, weight }) => (weight >= 0.5 ? [`"${term.text}"`] : [])), ...names];
  const writes = clause?.moods.some((mood) => mood !== 'read') === true && clause.verb !== undefined;
  const about = [...new Set(topics)].slice(0, MAX_WORDS).join(', ');
  const found = writes
    ? `I found no way to ${clause!.verb!.text} ${about || 'that'}`
    : `I found nothing about ${about || 'that'}`;
  return `${found}. What can be done here: ${listed(tools)}.`;
}

/** An argument as people know it: `"reason" (Why it is cancelled)`. */
function nameOf({ name, at, shape: { description } }: Slot): string {
  const path = at.length > 1 && /^(?:path|query|header|body)$/.test(at[0]!) ? at.slice(1, -1) : at.slice(0, -1);
  const said = [...path.filter((part) => part !== '0'), name].flatMap(words).join(' ');
  const about = description.slice(0, MAX_DESCRIBED).replace(/[\s.]+$/, '');
  return `"${said}"${about === '' ? '' : ` (${about})`}`;
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
