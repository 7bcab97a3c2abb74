// What a tool takes, as a flat list of slots.
import type { JsonSchema, ToolSpec } from '@errand/contracts';
import { best, isSame } from '../lexicon/likeness.ts';
import { HIGH_WORDS, LOW_WORDS } from '../lexicon/values.ts';
import { allTerms, type Term, term, terms, words } from '../lexicon/words.ts';
import { readsOnly } from './reads.ts';
import { type Shape, shapeOf } from './shape.ts';
import { spelling } from './spelling.ts';

export type Use = 'id' | 'search' | 'limit' | 'offset' | 'page' | 'sort' | 'order' | 'plumbing' | 'value';

export type Slot = {
  /** Where the value goes in the arguments: group first when the tool groups them; `0` is an array's only element. */
  at: readonly string[];
  name: string;
  names: readonly Term[];
  about: readonly Term[];
  shape: Shape;
  required: boolean;
  use: Use;
  /** The slot takes a list; `shape` is that of an element. */
  many: boolean;
  /** It is part of what a write sends, and no filter. */
  sent: boolean;
  /** A lower or an upper bound of something. */
  bound?: 'low' | 'high';
  /** For `id`: what it identifies. */
  noun: readonly Term[];
  /** For `id`: what the description says it identifies, weaker. */
  aboutNoun: readonly Term[];
};

const LOW = allTerms(LOW_WORDS.replaceAll('_', ' '));
const HIGH = allTerms(HIGH_WORDS.replaceAll('_', ' '));
const lemmas = (list: readonly Term[]) => new Set(list.map((one) => one.lemma));
const [LOW_SET, HIGH_SET] = [lemmas(LOW), lemmas(HIGH)];
const ID_WORDS = new Set(['id', 'ids', 'identifier', 'uuid', 'guid', 'key', 'ref', 'slug']);

/** The slots of a tool, headers that only carry plumbing left out. */
export function slotsOf(tool: ToolSpec): Slot[] {
  const grouped = tool.method !== undefined;
  const slots: Slot[] = [];
  const visit = (schema: JsonSchema, at: string[], required: boolean, depth: number) => {
    const shape = shapeOf(schema, tool.inputSchema);
    if (shape.readOnly) return;
    if (shape.type === 'object' && Object.keys(shape.properties).length > 0 && depth < 5) {
      for (const [name, inner] of Object.entries(shape.properties)) {
        visit(inner, [...at, name], required && shape.required.includes(name), depth + 1);
      }
      return;
    }
    if (shape.type === 'array' && shape.items !== undefined && depth < 5) {
      const element = shapeOf(shape.items, tool.inputSchema);
      if (element.type === 'object' && Object.keys(element.properties).length > 0) {
        for (const [name, inner] of Object.entries(element.properties)) {
          visit(inner, [...at, '0', name], required && element.required.includes(name), depth + 2);
        }
      } else
        slots.push(
          slot(
            tool,
            at,
            { ...element, description: shape.description || element.description },
            { required, many: true },
          ),
        );
      return;
    }
    slots.push(slot(tool, at, shape, { required, many: false }));
  };
  const input = shapeOf(tool.inputSchema, tool.inputSchema);
  for (const [name, schema] of Object.entries(input.properties)) {
    const inner = shapeOf(schema, tool.inputSchema);
    const isGroup = grouped && ['path', 'query', 'header', 'body'].includes(name);
    // A group is needed when something in it is: whether the importer marks it so or not.
    visit(schema, [name], isGroup ? name !== 'body' || inner.required.length > 0 : input.required.includes(name), 0);
  }
  return slots.filter(({ at }) => !(grouped && at[0] === 'header') || slots.find((one) => one.at === at)?.required);
}

type Needs = { required: boolean; many: boolean };

function slot(tool: ToolSpec, at: readonly string[], shape: Shape, { required, many }: Needs): Slot {
  const name = at.filter((part) => part !== '0').at(-1)!;
  const parents = at.slice(tool.method === undefined ? 0 : 1, -1).filter((part) => part !== '0');
  const own = allTerms(name);
  const inherited = parents.slice(-1).flatMap((parent) => terms(parent));
  const inPath = tool.method !== undefined && at[0] === 'path';
  const id = identifies(tool, name, shape, inPath);
  const about = terms(shape.description);
  const made: Slot = {
    at,
    name,
    names: [...own, ...inherited, ...spelling(name, shape.description)],
    about,
    shape,
    required: required || inPath,
    use: 'value',
    sent: tool.method !== undefined && at[0] === 'body' && !readsOnly(tool),
    many,
    noun: id ?? [],
    aboutNoun: id === undefined ? [] : nounAfterOf(shape.description),
  };
  made.use = useOf(made, id !== undefined, inPath);
  if (made.use === 'value') made.bound = boundOf(made, own);
  return made;
}

function useOf(slot: Slot, id: boolean, inPath: boolean): Use {
  const { name, shape, about } = slot;
  const plain = words(name).join(' ');
  const numeric = shape.type === 'integer' || shape.type === 'number';
  if (slot.at[0] === 'header') return 'plumbing';
  if (
    /^(limit|page size|per page|max results|size|count|top|max items|page limit|take|first|max rows|batch size|rows|max|number of results|results per page)$/.test(
      plain,
    ) &&
    numeric
  )
    return 'limit';
  if (
    numeric &&
    /^(offset|skip|start index|start|from|start at|first result)$/.test(plain) &&
    (/\b(skip|offset|position|index|first|rows?|where)\b/i.test(shape.description) || plain !== 'from')
  )
    return 'offset';
  if (numeric && /\b(to|are) skip|skipped\b/i.test(shape.description)) return 'offset';
  if (
    numeric &&
    (/^(page|page number|page no|page index)$/.test(plain) ||
      /^(?:the )?page (?:no|number|index)\b/i.test(shape.description))
  )
    return 'page';
  if (
    numeric &&
    /\b(how many|most|maximum number of|number of)\b.*\b(return|results?|entries|items|page|rows|per)\b/i.test(
      shape.description,
    ) &&
    !slot.sent
  )
    return 'limit';
  if (
    /^(cursor|page token|next token|after|starting after|ending before|continuation token|next cursor)$/.test(plain) &&
    !/date|time/.test(shape.format ?? '')
  )
    return 'plumbing';
  if (/^(sort|sort by|order by|sorting|sort field|ordering|sort key|sorted by|sort on)$/.test(plain)) return 'sort';
  if (
    /^(order|sort order|direction|sort direction|dir|sort dir)$/.test(plain) &&
    (shape.enum?.some((value) => /^(asc|desc)/i.test(String(value))) ?? false)
  )
    return 'order';
  if (
    /^(fields|expand|include|embed|select|format|locale|api key|api version|version|language|lang|append to response|session id|guest session id|include .*|callback)$/.test(
      plain,
    ) &&
    !slot.sent
  )
    return 'plumbing';
  if (id) return 'id';
  if (shape.type !== 'string' && shape.type !== 'any') return 'value';
  if (inPath || slot.many || shape.enum !== undefined || shape.format !== undefined) return 'value';
  if (
    /^(q|query|search|search term|search query|keyword|keywords|term|text|filter|phrase|search text|needle|contains|matching|lookup)$/.test(
      plain,
    ) &&
    !slot.sent
  )
    return 'search';
  if (
    !slot.sent &&
    /\b(part of|contains?|search(es)?|matching|free text|full text)\b/i.test(shape.description) &&
    about.length > 0
  )
    return 'search';
  return 'value';
}

/** Nouns of the thing that a slot identifies, or undefined when it identifies nothing. */
function identifies(tool: ToolSpec, name: string, shape: Shape, inPath: boolean): Term[] | undefined {
  if (shape.type === 'object' || shape.type === 'boolean' || shape.enum !== undefined) return undefined;
  const parts = words(name);
  const last = parts.at(-1) ?? '';
  const described = /^\W*(the |a |an )?(unique |internal )?(id|ids|identifier|uuid|key|reference)\b/i.test(
    shape.description,
  );
  // "Number of the sample": what a tool about samples knows them by.
  const numbered =
    shape.type === 'string' &&
    shape.format === undefined &&
    terms(
      /^\W*(?:the |a |an )?(?:\w+ )?(?:number|code|reference)\b (?:of|for) (?:the |a |an )?([\w\s-]{2,40})/i.exec(
        shape.description,
      )?.[1] ?? '',
    )
      .slice(0, 1)
      .some((one) => terms(`${tool.title ?? ''} ${tool.operation}`).some((other) => isSame(one, other)));
  // "A comma separated list of person ids".
  const listed = /\b(?:list of|separated|one or more) (?:[\w-]+ ){0,4}ids?\b/i.test(shape.description);
  const named = ID_WORDS.has(last) || shape.format === 'uuid' || listed;
  // `{season_number}` counts; `{invoiceNumber}` in a path identifies as an id does.
  const inPathId = inPath && shape.type !== 'integer' && (last === 'number' || last === 'no' || parts.length === 1);
  if (!named && !described && !numbered && !inPathId) return undefined;
  const nouns = terms(parts.filter((part) => !ID_WORDS.has(part) && part !== 'number').join(' '));
  const told = numbered || described ? nounAfterOf(shape.description) : [];
  return told.length > 0 && spelling(name, shape.description).length > 0
    ? told
    : nouns.length > 0
      ? nouns
      : terms(segmentBefore(tool, name));
}

/** The path segment that `{name}` follows, or the last one of a path without it. */
function segmentBefore(tool: ToolSpec, name: string): string {
  const segments = (tool.path ?? '').split('/').filter((part) => part !== '');
  const at = segments.indexOf(`{${name}}`);
  const before = (at < 0 ? segments : segments.slice(0, at)).filter((part) => !part.startsWith('{'));
  return before.at(-1) ?? tool.operation.replace(/^[a-z]+(?=[A-Z_])/, '');
}

/** "Id of the user who is the owner." → user, owner. */
function nounAfterOf(description: string): Term[] {
  const found =
    /\b(?:id|ids|identifier|key|uuid|number|reference|code)s? (?:of|for) (?:the |an? |this |that )?([\w\s-]{2,60})/i.exec(
      description,
    );
  return found === null ? [] : terms(found[1]!).slice(0, 3);
}

function boundOf(slot: Slot, own: readonly Term[]): Slot['bound'] {
  const { type, format } = slot.shape;
  const ordered =
    type === 'number' ||
    type === 'integer' ||
    /date|time/.test(format ?? '') ||
    own.some((one) => best(one, DATE) >= 0.8);
  if (!ordered) return undefined;
  const has = (set: Set<string>) => own.some((one) => set.has(one.lemma) || set.has(one.text));
  if (has(LOW_SET) !== has(HIGH_SET)) {
    // `startsAt` of a thing to be made is no bound; it is when the rest of the document says "only".
    if (slot.sent) return undefined;
    return has(LOW_SET) ? 'low' : 'high';
  }
  if (slot.sent) return undefined;
  const text = slot.shape.description;
  const [, bound] = /^(?:[a-z]+ )?(?:(from|since|after)|to|until|before|up to)\b/i.exec(text) ?? [];
  if (bound !== undefined) return 'low';
  if (/^(?:[a-z]+ )?(?:to|until|before|up to)\b/i.test(text)) return 'high';
  if (
    /\b(or more|or later|or after|at least|no less|not before|from this|onwards?|lower bound|minimum|or higher|or above|since|greater than|later than|more than|or greater|starting|earliest)\b/i.test(
      text,
    )
  )
    return 'low';
  if (
    /\b(or less|or earlier|or before|at most|no more|not after|until|upper bound|maximum|or lower|or below|less than|earlier than|before this|up to|or fewer|ending|latest)\b/i.test(
      text,
    )
  )
    return 'high';
  return undefined;
}

const DATE = [term('date'), term('day')];
