import { capitalize, counted, joinWords } from './text.ts';
import { pastOf, type Title } from './title.ts';

/** An argument as a sentence names it. */
export type SentenceArgument = {
  /** The last member of its path, as words: "account id". */
  label: string;
  /** For an id, the noun of its thing: "account". */
  of: string | undefined;
  /** Its value in words; for an id with its noun: "Northwind", "the account found in 1". */
  text: string;
  /** For an id without a name: whether `text` is the bare id. */
  bare?: boolean;
  /** Whether its value is not known yet: `text` then describes its origin. */
  computed?: boolean;
};

const PAGING =
  /^(?:limit|offset|page|page size|page number|per page|cursor|page token|size|count|skip|take|top|start index|max results|fields|include|expand|format|locale|order|direction|sort order|sort direction|order direction)$/;
const NAME = /^(?:name|title|subject|summary)$/;
const QUESTION = /^question$/;
const SEARCH = /^(?:question|q|query|search|search term|term|keywords?|text|filter text|name)$/;
const TYPE = /^(?:type|kind)$/;
const SORT = /^(?:sort|sort by|order by)$/;
const LEAST = /^(?:min|minimum) (.+)$|^(.+) (?:min|minimum|gte|gt)$/;
const MOST = /^(?:max|maximum) (.+)$|^(.+) (?:max|maximum|lte|lt)$/;
const PERSON = /owner|assignee|assigned|user|author|creator|manager|agent|requester|organi[sz]er|member/;
/** Labels that need no "with": "scheduled at …", "close date from …". */
const ENDS_IN_PREPOSITION =
  /(?: (?:at|on|by|from|to|in|after|before|since|until)|^(?:from|to|after|before|since|until|at|on|by))$/;

/** Maximum length of a text that a sentence quotes; of a longer one it has the label alone. */
const MAX_QUOTED = 40;

/** Maximum number of details in one sentence. */
const MAX_DETAILS = 4;

/**
 * A call in one sentence without its end: "Create a ticket for Northwind with priority high".
 * @param where the integration, for a sentence that names it
 * @param past for a call that was made: "Created a ticket …"
 */
export function sentenceOf(
  { verb, rest, noun }: Title,
  parts: readonly SentenceArgument[],
  { effect, where, past = false }: { effect: 'read' | 'write'; where?: string; past?: boolean },
): string {
  const remaining = parts.filter(({ label }) => !PAGING.test(label));
  const take = (fits: (part: SentenceArgument) => boolean): SentenceArgument | undefined => {
    const at = remaining.findIndex(fits);
    return at === -1 ? undefined : remaining.splice(at, 1)[0];
  };
  const self = take(({ of }) => of !== undefined && of === noun);
  const named = take(
    ({ label, of, computed }) => of === undefined && !computed && (effect === 'write' ? NAME : SEARCH).test(label),
  );
  const type = effect === 'write' ? take(({ label, computed }) => !computed && TYPE.test(label)) : undefined;
  const owner = take(({ of }) => of !== undefined && !PERSON.test(of));
  const head = past && verb !== undefined ? pastOf(verb) : (verb ?? '');
  const object = self === undefined ? rest : selfText(self, noun);
  const name =
    named && (effect === 'write' || QUESTION.test(named.label) ? quoted(named.text) : `matching ${quoted(named.text)}`);
  const { withDetails: along, plainDetails: readingOn } = detailsOf(remaining);
  const line = [
    head,
    object,
    name ?? '',
    type === undefined ? '' : `of type ${type.text}`,
    owner === undefined ? '' : `${effect === 'write' ? 'for' : 'of'} ${idText(owner)}`,
    where === undefined ? '' : `at ${where}`,
    along.length === 0 ? '' : `with ${joinWords(along)}`,
  ];
  return capitalize([line.filter((part) => part !== '').join(' '), ...readingOn].join(', '));
}

/** The details of a sentence: after "with", and without it. */
function detailsOf(parts: readonly SentenceArgument[]): { withDetails: string[]; plainDetails: string[] } {
  const details = parts.map(detailOf);
  const plain = details.flatMap(({ on, text }) => (on ? [] : [text])).slice(0, MAX_DETAILS);
  const readingOn = details.flatMap(({ on, text }) => (on ? [text] : [])).slice(0, MAX_DETAILS - plain.length);
  const more = details.length - plain.length - readingOn.length;
  return { withDetails: more > 0 ? [...plain, counted(more, 'more detail')] : plain, plainDetails: readingOn };
}

const quoted = (text: string): string => (text.startsWith('"') ? text : `"${text}"`);

const idText = ({ of, text, bare }: SentenceArgument): string => (bare ? `${of} ${text}` : text);

const selfText = ({ text, bare }: SentenceArgument, noun: string): string =>
  bare || !/^(?:the|each) /.test(text) ? `the ${noun} ${text}` : text;

function detailOf(part: SentenceArgument): { on: boolean; text: string } {
  const { label, of, text } = part;
  if (of !== undefined) return { on: false, text: `${of} ${text}` };
  if (text.startsWith('"') && text.length > MAX_QUOTED) return { on: false, text: label };
  const [least, most] = [LEAST.exec(label), MOST.exec(label)];
  if (least) return { on: false, text: `${least[1] ?? least[2]} at least ${text}` };
  if (most) return { on: false, text: `${most[1] ?? most[2]} at most ${text}` };
  if (SORT.test(label)) return { on: true, text: `sorted by ${text}` };
  return { on: ENDS_IN_PREPOSITION.test(label), text: `${label} ${text}` };
}
