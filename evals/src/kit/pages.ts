import { Refusal } from './refusal.ts';
import type { PageStyle, Row, Template } from './service-data.ts';

/** The values that the answer of a list may contain. `lastPage` is 1 where `pages` is 0. */
type PageValues = {
  rows: Row[];
  total: number;
  start: number;
  size: number;
  page: number;
  pages: number;
  lastPage: number;
  next: string | null;
  more: boolean;
};

/** @returns one page of the rows, in the shape of its style */
export function pageOf(rows: Row[], style: PageStyle, args: Row): unknown {
  const size = style.by === 'all' ? rows.length : Number(args[style.size ?? ''] ?? style.rows);
  const start = startOf(style, args, size);
  const end = start + size;
  const pages = size > 0 ? Math.ceil(rows.length / size) : 0;
  const more = end < rows.length;
  const values: PageValues = {
    rows: rows.slice(start, end),
    total: rows.length,
    start,
    size,
    page: size > 0 ? start / size + 1 : 1,
    pages,
    lastPage: Math.max(1, pages),
    next: more ? cursorOf(end, style) : null,
    more,
  };
  return shaped(style.answer, values);
}

function startOf(style: PageStyle, args: Row, size: number): number {
  const value = args[style.at ?? ''];
  if (style.by === 'all' || value === undefined) return 0;
  if (style.by === 'offset') return Number(value);
  if (style.by === 'number') return (Number(value) - 1) * size;
  const text = style.base64 ? Buffer.from(String(value), 'base64url').toString() : String(value);
  const start = Number(text.replace(style.mark ?? '', ''));
  if (!Number.isInteger(start)) throw new Refusal(422, `${style.at} is not valid`);
  return start;
}

function cursorOf(start: number, { mark = '', base64 }: PageStyle): string {
  const text = `${mark}${start}`;
  return base64 ? Buffer.from(text).toString('base64url') : text;
}

function shaped(template: Template, values: PageValues): unknown {
  if (typeof template === 'string') return values[template as keyof PageValues];
  const members = Object.entries(template as Row).flatMap(([name, member]) => {
    const value = shaped(member, values);
    return name.endsWith('?') && value === null ? [] : [[name.replace('?', ''), value] as const];
  });
  return Object.fromEntries(members);
}
