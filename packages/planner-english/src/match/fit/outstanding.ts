// What is not done yet, as the fields of rows tell it: what is null or missing, what is overdue, what is due back.
import { path, string } from '../../answer/jsonata.ts';
import type { Clause } from '../../intent/intent.ts';
import { sameState, type Term, term, words } from '../../lexicon/words.ts';
import type { Field } from '../../tools/outputs.ts';
import type { Filled } from '../draft.ts';
import { isDue, isTemporal } from '../render.ts';

/** What is null, empty, or missing: of what is missing `$boolean` says nothing at all. */
export const untold = ({ path: at }: Field): string => `$not($exists(${path(at)}) and $boolean(${path(at)}))`;

const [LATE, UNPAID] = [term('overdue'), term('unpaid')];

/**
 * "Overdue", "due back": what had to be done before today, or has to be, and is not done yet: by the one day by which it must be, and by a state
 * that the document explains as not done yet, or a time that is told once it is done. A state that is asked for by itself says what is not done.
 */
export function outstanding(
  said: Term,
  fields: readonly Field[],
  { text }: Pick<Clause, 'text'>,
  fills: readonly Filled[],
): string | undefined {
  const isLate = sameState(said, LATE) >= 0.8;
  // "Paid late": it is done.
  if (isLate && /\b(?:\p{L}+ed|paid|sent|brought|came|done)\s+(?:back\s+)?(?:too\s+)?late\b/iu.test(text))
    return undefined;
  if (!isLate && !(said.lemma === 'due' && /\bdue\s+back\b/i.test(text))) return undefined;
  const [due, ...more] = fields.filter(({ names, shape }) => isTemporal(shape, names) && isDue(names, shape));
  const open = fields.flatMap(({ shape, path: at }) => {
    const [, member] = /\b(\w+)\s*[:=]\s*(?:not\b[^;,.]*\byet|still\b)/i.exec(shape.description) ?? [];
    const own = (shape.enum ?? []).filter(
      // "draft: not sent yet" says nothing of what has to be done by then.
      (one) =>
        (one === member && !ENDED.test(String(one))) ||
        (typeof one === 'string' && sameState(term(one), UNPAID) >= 0.8),
    );
    // Where there are further states that are no end, one of them is not all that is open, unless the document says so.
    const all = (shape.enum ?? []).map(String);
    const others = all.filter((one) => !isDone(one) && !ENDED.test(one) && one !== own[0]);
    const isAll = others.length === 0 || (own[0] === member && !all.some(isDone));
    return own.length === 1 && isAll ? [`${path(at)} = ${string(String(own[0]))}`] : [];
  });
  const done = fields.filter(
    (field) => isTemporal(field.shape, field.names) && /\b(?:returned|paid|done|completed|closed)/i.test(field.name),
  );
  const asked = fills.find(({ slot, said: words }) => slot.shape.enum !== undefined && words.length > 0);
  const isAsked = asked !== undefined && !isDone(String(asked.value)) && !ENDED.test(String(asked.value));
  const isOpen = open[0] ?? (isAsked ? 'true' : done.length === 1 ? untold(done[0]!) : unfinished(fields));
  if (due === undefined || more.length > 0 || isOpen === undefined) return undefined;
  const at = path(due.path);
  return isLate ? `(${isOpen} and ${at} != null and $substring(${at}, 0, 10) < $substring($$.now, 0, 10))` : isOpen;
}

const [CLOSED, PAID] = [term('closed'), term('paid')];
const ENDED = /^(?:cancel\w*|void\w*|archived|draft|rejected|returned|ended|lost|declined|withdrawn|waived)$/i;

const isDone = (one: string) => [CLOSED, PAID].some((other) => sameState(term(one.toLowerCase()), other) >= 0.8);

/** A switch that says that it is done, or members of a state that do: what is none of these. */
function unfinished(fields: readonly Field[]): string | undefined {
  const flag = fields.find(({ name, shape }) => shape.type === 'boolean' && isDone(name.replace(/^is_?/i, '')));
  if (flag !== undefined) return `$not(${path(flag.path)} = true)`;
  const [states, ...more] = fields.filter(({ shape }) => shape.enum?.some((one) => isDone(String(one))));
  const ended = states?.shape.enum?.map(String).filter((one) => isDone(one) || ENDED.test(one)) ?? [];
  if (states === undefined || more.length > 0 || ended.length === states.shape.enum!.length) return undefined;
  return `$not(${path(states.path)} in [${ended.map(string).join(', ')}])`;
}

/** `refunded_at`: where it is told, it is refunded. */
export const isSince = ({ name, names, shape, path: at }: Field, word: string): boolean => {
  const [done, time = '', ...more] = words(name);
  const isTime = shape.nullable === true && at.length === 1 && isTemporal(shape, names);
  return isTime && done === word && /^(?:at|on|date|time)$/.test(time) && more.length === 0;
};
