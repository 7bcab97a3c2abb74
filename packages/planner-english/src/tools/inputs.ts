// What a tool takes, as a flat list of slots.
import type { JsonSchema, ToolSpec } from '@errand/contracts';
import { readsOnly } from '@errand/plan';
import { best, isAmong, isSame, named, type Term, term, terms, words } from '../lexicon/words.ts';
import { isNumeric, type Shape, shapeOf } from './shape.ts';
import { ownTerms, spelling } from './spelling.ts';

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

/** The slots of a tool, headers that only carry plumbing left out. */
export function slotsOf(tool: ToolSpec): Slot[] {
  const grouped = tool.method !== undefined;
  const slots: Slot[] = [];
  const visit = (given: JsonSchema, at: string[], required: boolean, depth: number) => {
    const shape = shapeOf(given, tool.inputSchema);
    if (shape.readOnly) return;
    const element = shape.type === 'array' && shape.items ? shapeOf(shape.items, tool.inputSchema) : undefined;
    const { properties, required: needed } = element ?? shape;
    if (Object.keys(properties).length > 0 && depth < 5) {
      for (const [name, inner] of Object.entries(properties))
        visit(inner, [...at, ...(element ? ['0'] : []), name], required && needed.includes(name), depth + 1);
      return;
    }
    const own = element ? { ...element, description: shape.description || element.description } : shape;
    if (required || !(grouped && at[0] === 'header')) slots.push(slotOf(tool, at, own, { required, many: !!element }));
  };
  const input = shapeOf(tool.inputSchema, tool.inputSchema);
  for (const [name, schema] of Object.entries(input.properties)) {
    const inner = shapeOf(schema, tool.inputSchema);
    const isGroup = grouped && ['path', 'query', 'header', 'body'].includes(name);
    // A group is needed when something in it is: whether the importer marks it so or not.
    visit(schema, [name], isGroup ? name !== 'body' || inner.required.length > 0 : input.required.includes(name), 0);
  }
  return slots;
}

type Needs = { required: boolean; many: boolean };

function slotOf(tool: ToolSpec, at: readonly string[], shape: Shape, { required, many }: Needs): Slot {
  const path = at.filter((part) => part !== '0');
  const name = path.at(-1)!;
  const own = ownTerms(name);
  const parents = path.slice(tool.method === undefined ? 0 : 1, -1);
  const inPath = tool.method !== undefined && at[0] === 'path';
  const sent = tool.method !== undefined && at[0] === 'body' && !readsOnly(tool);
  const noun = identifies(tool, name, shape, inPath);
  const slot: Slot = {
    at,
    name,
    names: [...own, ...parents.slice(-1).flatMap((parent) => terms(parent)), ...spelling(name, shape.description)],
    about: terms(shape.description),
    shape,
    required: required || inPath,
    use: at[0] === 'header' ? 'plumbing' : (useOf(name, shape, sent || inPath) ?? (noun ? 'id' : 'value')),
    many,
    sent,
    noun: noun ?? [],
    aboutNoun: noun === undefined ? [] : nounAfterOf(shape.description),
  };
  const isText = /string|any/.test(shape.type) && !inPath && !many && !sent && !shape.enum && !shape.format;
  if (slot.use === 'value' && isText && (SEARCH.test(words(name).join(' ')) || SEARCHES.test(shape.description)))
    slot.use = 'search';
  if (slot.use === 'value' && !sent) slot.bound = boundOf(shape, own);
  return slot;
}

const SEARCH =
  /^(?:q|query|search|search (?:term|query|text)|keywords?|term|text|filter|phrase|needle|contains|matching|lookup)$/;
const SEARCHES = /\b(?:part of|contains?|search(?:es)?|matching|free text|full text)\b/i;

/** Uses of arguments that cut or order rows, by their names: of numbers, of texts, of filters alone. */
const NUMBERS: readonly [Use, RegExp][] = [
  [
    'limit',
    /^(?:limit|size|count|top|take|first|rows|max|(?:page|batch) size|per page|max (?:results|items|rows)|page limit|number of results|results per page)$/,
  ],
  ['offset', /^(?:offset|skip|start|start index|start at|first result)$/],
  ['page', /^page(?: number| no| index)?$/],
];
const DESCRIBED: readonly [Use, RegExp][] = [
  ['offset', /\b(?:to|are) skip|skipped\b/i],
  ['page', /^(?:the )?page (?:no|number|index)\b/i],
  ['limit', /\b(?:how many|most|number of)\b.*\b(?:return|results?|entries|items|page|rows|per)\b/i],
];
const TEXTS: readonly [Use, RegExp][] = [
  [
    'plumbing',
    /^(?:cursor|marker|bookmark|(?:page|next) token|after|starting after|ending before|continuation token|next cursor)$/,
  ],
  ['sort', /^(?:sort|sort (?:by|field|key|on)|order by|sorting|ordering|sorted by)$/],
  ['order', /^(?:order|(?:sort )?order|(?:sort )?direction|(?:sort )?dir)$/],
];
const FORMS =
  /^(?:fields|expand|include|embed|select|format|locale|api key|api version|version|language|lang|append to response|(?:guest )?session id|include .*|callback)$/;

/** @param sent it is no filter */
function useOf(name: string, shape: Shape, sent: boolean): Use | undefined {
  const plain = words(name).join(' ');
  const named = (list: readonly [Use, RegExp][], text: string) => list.find(([, pattern]) => pattern.test(text))?.[0];
  if (isNumeric(shape)) {
    const use = named(NUMBERS, plain) ?? named(sent ? DESCRIBED.slice(0, 2) : DESCRIBED, shape.description);
    if (use !== undefined) return use;
  }
  const use = /date|time/.test(shape.format ?? '') ? undefined : named(TEXTS, plain);
  if (use !== undefined && (use !== 'order' || shape.enum?.some((one) => /^(?:asc|desc)/i.test(String(one)))))
    return use;
  // "Pilots who speak this language": a filter, and no form of the answer.
  return FORMS.test(plain) && !sent && !/^(?:only )?\w+ (?:who|whose|that|which|in|into)\b/i.test(shape.description)
    ? 'plumbing'
    : undefined;
}

const ID_WORDS = /^(?:ids?|identifier|uuid|guid|key|ref|slug)$/;

/** Nouns of the thing that a slot identifies, or undefined when it identifies nothing. */
function identifies(tool: ToolSpec, name: string, shape: Shape, inPath: boolean): Term[] | undefined {
  if (shape.type === 'object' || shape.type === 'boolean' || shape.enum !== undefined) return undefined;
  const parts = words(name);
  const last = parts.at(-1) ?? '';
  const { description } = shape;
  const described = /^\W*(?:the |a |an )?(?:unique |internal )?(?:ids?|identifier|uuid|key|reference)\b/i.test(
    description,
  );
  // "Number of the sample": what a tool about samples knows them by.
  const [, numberOf = ''] =
    /^\W*(?:the |a |an )?(?:\w+ )?(?:number|code|reference)\b (?:of|for) (?:the |a |an )?([\w\s-]{2,40})/i.exec(
      description,
    ) ?? [];
  const own = terms(`${tool.title ?? ''} ${tool.operation}`);
  const isCode = shape.type === 'string' && shape.format === undefined;
  const numbered =
    isCode &&
    terms(numberOf)
      .slice(0, 1)
      .some((one) => isAmong(one, own));
  // `roomCode`, "Code of the room".
  const [coded] = isCode && /^(?:code|no|number)$/.test(last) ? terms(numberOf) : [];
  const isOwnCode = coded !== undefined && isSame(coded, term(parts[0]!)) && parts.length > 1;
  // "A comma separated list of person ids".
  const listed = /\b(?:list of|separated|one or more) (?:[\w-]+ ){0,4}ids?\b/i.test(description);
  // `{season_number}` counts; `{invoiceNumber}` in a path identifies as an id does.
  const inPathId = inPath && shape.type !== 'integer' && (/^(?:number|no|code)$/.test(last) || parts.length === 1);
  if (!ID_WORDS.test(last) && shape.format !== 'uuid' && !listed && !described && !numbered && !inPathId && !isOwnCode)
    return undefined;
  const told = numbered || described ? nounAfterOf(description) : [];
  if (told.length > 0 && spelling(name, description).length > 0) return told;
  const nouns = named(parts.filter((part) => !ID_WORDS.test(part) && !/^(?:number|no|code)$/.test(part)).join(' '));
  // `drvNo`, "Driver number": what the description says where the name is no word.
  const [, head = ''] = /^(?:the )?([\w-]+(?: [\w-]+)?) (?:id|no\b|number|code|key|ref)/i.exec(description) ?? [];
  if (terms(head).length > 0 && !nouns.some((one) => isAmong(one, [...terms(description), ...own]))) return terms(head);
  // `/orders/{reference}`: an order is known by it.
  const segment = inPath && parts.length === 1 ? terms(segmentBefore(tool, name)).slice(-1) : [];
  return nouns.length > 0 ? [...nouns, ...segment] : terms(segmentBefore(tool, name));
}

/** The path segment that `{name}` follows, or the last one of a path without it. */
function segmentBefore(tool: ToolSpec, name: string): string {
  const [before = ''] = (tool.path ?? '').split(`{${name}}`);
  const fixed = before.split('/').filter((part) => part !== '' && !part.startsWith('{'));
  return fixed.at(-1) ?? tool.operation.replace(/^[a-z]+(?=[A-Z_])/, '');
}

/** "Id of the user who is the owner." → user, owner. */
function nounAfterOf(description: string): Term[] {
  const [, said = ''] =
    /\b(?:id|identifier|key|uuid|number|reference|code)s? (?:of|for) (?:the |an? |this |that )?([\w\s-]{2,60})/i.exec(
      description,
    ) ?? [];
  const [, who = ''] = /^(?:the |an? )?([\w-]+(?: [\w-]+)?) (?:who|whose|that|which)\b/i.exec(description) ?? [];
  // "Id of the record" says nothing of what it is.
  const [group = ''] = (said || who).split(
    /\b(?:of|that|which|who|whose|to|in|for|on|from|with|by|as|at|is|are|was|were|and|or|this)\b/i,
  );
  return terms(group)
    .filter(({ lemma }) => !/^(?:record|row|entity|resource|element)$/.test(lemma))
    .slice(0, 3);
}

const DATE = [term('date'), term('day')];
const BOUNDS = {
  low: /\b(?:min|minimum|at least|least|gte?|ge|above|over|greater|more|lower|floor|from|since|after|start(?:ing)?|or more|no less|exceed(?:ing)?|larger|bigger|newer|later|earliest|smallest|begins?|beginning|onwards?|not before)\b/i,
  high: /\b(?:max|maximum|at most|most|lte?|le|below|under|less|upper|ceiling|to|until|till|before|end(?:ing)?|or less|no more|up to|fewer|smaller|older|earlier|latest|largest|through|cap|not after)\b/i,
};
const FIRST = {
  low: /^(?:[a-z]+ )?(?:from|since|after)\b|^(?:[a-z]+ ){2,3}(?:from|since)\W*$/i,
  high: /^(?:[a-z]+ )?(?:to|until|before|up to)\b|^(?:[a-z]+ ){2,3}(?:to|until)\W*$/i,
};
const SAID = {
  low: /\b(?:or more|or later|or after|at least|no less|not before|from this|onwards?|lower bound|minimum|or higher|or above|since|greater than|later than|more than|or greater|starting|earliest)\b/i,
  high: /\b(?:or less|or earlier|or before|at most|no more|not after|until|upper bound|maximum|or lower|or below|less than|earlier than|before this|up to|or fewer|ending|latest)\b/i,
};

/** Which end of something a filter bounds: by its name, by how its description begins, by what it says. */
function boundOf(shape: Shape, own: readonly Term[]): Slot['bound'] {
  const ordered = isNumeric(shape) || /date|time/.test(shape.format ?? '') || own.some((one) => best(one, DATE) >= 0.8);
  if (!ordered) return undefined;
  const name = own.map(({ text }) => text).join(' ');
  if (BOUNDS.low.test(name) !== BOUNDS.high.test(name)) return BOUNDS.low.test(name) ? 'low' : 'high';
  for (const says of [FIRST, SAID]) {
    if (says.low.test(shape.description)) return 'low';
    if (says.high.test(shape.description)) return 'high';
  }
  return undefined;
}
