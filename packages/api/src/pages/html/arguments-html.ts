import type { ArgumentInWords, CallInWords, Json } from '@errand/contracts';
import { namesIn } from '@errand/plan';
import type { Texts } from '../texts/en.ts';
import { visible } from './visible.ts';

/**
 * The arguments of a call for people, with names and origins if they are known. Every value is shown completely.
 * @param words of the same arguments; absent if they are unknown, or if the arguments were changed
 */
export function argumentsHtml(texts: Texts, args: Json, words: CallInWords | undefined): string {
  const valuesOfCall = valueRows(args ?? {}).filter(({ path }) => path !== '');
  if (valuesOfCall.length === 0) return `<p>${texts.approval.noArguments}</p>`;
  const located = words?.args.map((argument) => ({ argument, value: valueAt(args, argument.pointer) })) ?? [];
  const isComplete =
    located.every(({ value }) => value !== undefined) &&
    located.reduce((sum, { value }) => sum + valueRows(value as Json).length, 0) === valuesOfCall.length;
  if (!isComplete) return valuesTable(valuesOfCall);
  return `<dl>\n${located.map(({ argument, value }) => argumentRow(texts, argument, value as Json)).join('\n')}\n</dl>`;
}

/** Every value with its path. */
const valuesTable = (rows: ReturnType<typeof valueRows>): string =>
  `<table>\n${rows
    .map((row) => `<tr><th scope="row">${visible(row.path)}</th><td><bdi>${visible(row.value)}</bdi></td></tr>`)
    .join('\n')}\n</table>`;

function argumentRow(texts: Texts, { label, text, name, origin }: ArgumentInWords, value: Json): string {
  const rows = valueRows(value);
  const rawText = rows.map(({ path, value }) => (path === '' ? value : `${path} = ${value}`)).join('\n');
  // Words replace a value only if they say more, as for an id or a time.
  const displayText =
    name ?? (typeof value === 'string' || typeof value === 'number' ? textIfClearer(text, rawText) : rawText);
  const exact = displayText === rawText ? '' : `${visible(rawText)}, `;
  return `<div><dt>${visible(name === undefined ? label : label.replace(/ ids?$/, ''))}</dt><dd><bdi>${visible(displayText)}</bdi><small><bdi>${exact}${visible(texts.approval.origin(origin))}</bdi></small></dd></div>`;
}

const textIfClearer = (text: string, raw: string): string =>
  /^\d{1,2} \p{Lu}\p{Ll}{2} \d{4}(?:, |$)/u.test(text) || /^-?\d{1,3}(?:,\d{3})+/.test(text) ? text : raw;

function valueAt(args: Json, pointer: string): Json | undefined {
  let value: Json | undefined = args;
  for (const key of namesIn(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as { [key: string]: Json })[key];
  }
  return value;
}

/** One value of the arguments, and its path in words. */
type ArgumentRow = { path: string; value: string };

/** Every value of the arguments with its path. */
export function valueRows(value: Json, path = ''): ArgumentRow[] {
  if (typeof value !== 'object' || value === null) return [{ path, value: textOf(value) }];
  const members = Array.isArray(value)
    ? value.map((item, i) => valueRows(item, `${path}[${i}]`))
    : Object.entries(value).map(([key, item]) => valueRows(item, path + nameOf(key, path)));
  return members.length > 0 ? members.flat() : [{ path, value: Array.isArray(value) ? '[]' : '{}' }];
}

// Quotes a text that is empty or looks like a number or JSON literal.
const textOf = (value: string | number | boolean | null): string =>
  typeof value === 'string' && !/^\s|\s$|^$|^["[{]|^-?\d[\d.eE+-]*$|^(true|false|null)$/.test(value)
    ? value
    : JSON.stringify(value);

const nameOf = (key: string, path: string): string =>
  /^[A-Za-z_$][\w$-]*$/.test(key) ? `${path && '.'}${key}` : `[${JSON.stringify(key)}]`;

/** One of several calls of an approval. */
export type CallOfSeveral = { toolCallId: string; args: Json };

/** The calls of one approval: the first as sentences with their arguments, the others as arguments. */
export function callsHtml(texts: Texts, calls: readonly CallOfSeveral[], words: CallInWords | undefined): string {
  const { approval } = texts;
  const sentences = words?.calls ?? [];
  const items = sentences.flatMap(({ toolCallId, sentence }) => {
    const call = calls.find((call) => call.toolCallId === toolCallId);
    return call ? [`<li>${visible(sentence)}${argumentsDetails(texts, call.args)}</li>`] : [];
  });
  const rest = calls.slice(items.length).map(({ args }) => `<li>${argumentsHtml(texts, args, undefined)}</li>`);
  const folded =
    rest.length === 0
      ? ''
      : `<details><summary>${approval.more(rest.length)}</summary>\n<ol start="${items.length + 1}">\n${rest.join('\n')}\n</ol>\n</details>`;
  return `<ol class="steps">\n${items.join('\n')}\n</ol>\n${folded}`;
}

const argumentsDetails = (texts: Texts, args: Json): string =>
  `<details><summary>${texts.approval.arguments}</summary>\n${argumentsHtml(texts, args, undefined)}\n</details>`;
