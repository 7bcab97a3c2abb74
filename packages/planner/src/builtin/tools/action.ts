import type { ToolSpec } from '@errand/contracts';
import type { VerbClass } from '../lexicon/verbs.ts';
import { words } from '../lexicon/words.ts';
import type { Outline } from './outputs.ts';
import { readsOnly } from './reads.ts';

export type Action = 'list' | 'get' | 'create' | 'update' | 'delete' | 'act';

export const classOf = new Map<string, VerbClass[]>();

/** What a verb may ask for, in its plain form; empty when it is no verb of the lexicon. */
export const verbClasses = (verb: string): readonly VerbClass[] => classOf.get(verb) ?? [];

export const SEARCHES = new Set(
  `search list find browse query discover lookup get fetch retrieve read index all view show load by details detail explore
  enumerate id api v1 v2 v3 rest`.split(/\s+/),
);

export const isVerb = (word: string) => verbClasses(word).length > 0;

type Reading = { outline: Outline; segments: readonly string[]; named: readonly string[]; single: boolean };

export function actionOf(tool: ToolSpec, { outline, segments, named, single }: Reading): Action {
  const tail = words(segments.at(-1) ?? '').at(-1);
  const first =
    [named[0], words(tool.title ?? '')[0], named.at(-1), tail].find((word) => word !== undefined && isVerb(word)) ?? '';
  const lists = outline.rows !== undefined;
  if (readsOnly(tool))
    return lists && !(single && outline.rows!.path.length > 0 && tool.method === undefined) ? 'list' : 'get';
  const kinds = verbClasses(first);
  switch (tool.method) {
    case 'DELETE':
      return 'delete';
    case 'PUT':
    case 'PATCH':
      return segments.length > 2 && isVerb(words(segments.at(-1)!)[0] ?? '') && !single ? 'act' : 'update';
    case 'POST': {
      const tail = segments.at(-1) ?? '';
      if (
        segments.length > 1 &&
        !tail.includes('{') &&
        isVerb(words(tail)[0] ?? '') &&
        segments.at(-2)!.includes('{') &&
        !tail.endsWith('s')
      )
        return 'act';
      if (kinds.includes('update') && !kinds.includes('create')) return 'update';
      if (kinds.includes('delete') && !kinds.includes('create')) return 'delete';
      if (kinds.includes('act') && !kinds.includes('create')) return 'act';
      return 'create';
    }
    default:
      return (kinds.find((kind) => kind !== 'read') as Action | undefined) ?? 'act';
  }
}
