import type { Value } from '../intent/value.ts';
import { best } from '../lexicon/likeness.ts';
import type { Draft, Scope } from './draft.ts';

export const isName = ({ kind }: Value) => kind === 'name' || kind === 'quoted' || kind === 'email' || kind === 'id';

export function valueScore(value: Value, draft: Draft, topics: Scope['clause']['topics']): number {
  // A plan that passes over a name of the intent answers another question.
  if (!draft.used.has(value))
    return value.fromContext || value.kind === 'pair' ? 0 : isName(value) && value.sure !== false ? -2.2 : -0.3;
  const weight = value.fromContext ? 0.7 : 1;
  if (value.kind !== 'name' && value.kind !== 'quoted') return weight;
  // A name goes to the thing that the words beside it say; to another it is worth little.
  const step = draft.steps.find(({ filled }) => filled.some(({ used }) => used.includes(value))) ?? draft.goal;
  const { operation } = step;
  const beside = [...value.before.slice(0, 1), ...value.after.slice(0, 1)];
  const mine = Math.max(
    0,
    ...beside.map((one) =>
      best(one, [
        ...operation.nouns,
        ...operation.parents,
        ...step.filled.filter(({ used }) => used.includes(value)).flatMap(({ slot }) => slot.names),
      ]),
    ),
  );
  if (mine >= 0.75) return weight * (1.6 + 0.6 * mine);
  const belongs =
    step === draft.goal &&
    topics.some(({ term }) => best(term, operation.nouns) >= 0.75) &&
    /^(?:of|for|with|by|from)$/.test(value.preposition ?? '') &&
    step.filled.every(({ used, slot }) => !used.includes(value) || slot.use === 'search');
  return weight * (belongs ? 0.7 : 1.5);
}
