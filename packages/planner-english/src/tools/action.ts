// What a tool does to things.
import type { ToolSpec } from '@errand/contracts';
import { readsOnly } from '@errand/plan';
import { VERBS, type VerbClass } from '../lexicon/verbs.ts';
import { words } from '../lexicon/words.ts';

export type Action = 'list' | 'get' | 'create' | 'update' | 'delete' | 'act';

const classes = new Map<string, VerbClass[]>();
for (const [kind, list] of Object.entries(VERBS) as [VerbClass, string][])
  for (const verb of list.split(/\s+/).map((one) => one.replaceAll('_', ' ')))
    classes.set(verb, [...(classes.get(verb) ?? []), kind]);

/** What a verb may ask for, in its plain form; empty when it is no verb of the lexicon. */
export const verbClasses = (verb: string): readonly VerbClass[] => classes.get(verb) ?? [];
export const isVerb = (word: string) => classes.has(word);

/** `rows`: names from the answer to its rows, where it lists some. */
type Reading = { rows?: readonly string[]; segments: readonly string[]; named: readonly string[]; single: boolean };

export function actionOf(tool: ToolSpec, { rows, segments, named, single }: Reading): Action {
  if (readsOnly(tool)) {
    const isOne = single && tool.method === undefined && rows?.length !== 0;
    return rows !== undefined && !isOne ? 'list' : 'get';
  }
  if (tool.method === 'DELETE') return 'delete';
  const tail = segments.at(-1) ?? '';
  // `/invoices/{id}/send`
  const acts = isVerb(words(tail)[0] ?? '') && segments.at(-2)?.includes('{') === true && !/\{|s$/.test(tail);
  if (acts) return 'act';
  if (tool.method === 'PUT' || tool.method === 'PATCH') return 'update';
  const first = [
    named[0],
    ...(named.length === 2 ? named.slice(1) : []),
    words(tool.title ?? '')[0],
    named.at(-1),
    words(tail).at(-1),
  ].find((one) => isVerb(one ?? ''));
  const kinds = verbClasses(first ?? '').filter((kind): kind is Exclude<VerbClass, 'read'> => kind !== 'read');
  if (tool.method === undefined) return kinds[0] ?? 'act';
  return kinds.includes('create')
    ? 'create'
    : ((['update', 'delete', 'act'] as const).find((one) => kinds.includes(one)) ?? 'create');
}
