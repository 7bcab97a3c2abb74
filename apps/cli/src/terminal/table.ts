import type { Paint, View } from './view.ts';
import { oneLine } from './visible.ts';
import { fit, indented, pad, widthOf } from './width.ts';

export type Column<Row> = {
  title: string;
  text: (row: Row) => string | number | undefined;
  paint?: (row: Row, view: View) => Paint;
  align?: 'left' | 'right';
  /** The smallest width to which its texts may be shortened; absent: they are never shortened. */
  shrinksTo?: number;
  /** Left out where there is little room. */
  isExtra?: true;
};

/** Views with fewer columns are narrow. */
const WIDE = 100;

const GAP = 2;

/** A table with a line for each row; blocks of lines if the view is too narrow for it. */
export function table<Row>(rows: readonly Row[], allColumns: readonly Column<Row>[], view: View): string[] {
  const columns = view.width < WIDE ? allColumns.filter(({ isExtra }) => !isExtra) : allColumns;
  const cells = rows.map((row) => columns.map(({ text }) => oneLine(String(text(row) ?? ''))));
  const used = columns.flatMap((column, i) => (cells.some((row) => row[i] !== '') ? [{ column, i }] : []));
  const natural = used.map(({ column, i }) => Math.max(widthOf(column.title), ...cells.map((row) => widthOf(row[i]!))));
  const widths = shrink(
    natural,
    used.map(({ column }) => column.shrinksTo),
    view.width - GAP * (used.length - 1),
  );
  if (!widths)
    return rows.flatMap((row, n) =>
      block(
        row,
        used.map(({ column, i }) => [column, cells[n]![i]!] as const),
        view,
      ),
    );
  const line = (texts: readonly string[], paints: readonly Paint[]) =>
    texts
      .map((text, n) => paints[n]!(pad(fit(text, widths[n]!), widths[n]!, used[n]!.column.align)))
      .join(' '.repeat(GAP))
      .trimEnd();
  const heading = line(
    used.map(({ column }) => column.title),
    used.map(() => view.colors.dim),
  );
  const lines = rows.map((row, n) =>
    line(
      used.map(({ i }) => cells[n]![i]!),
      used.map(({ column }) => column.paint?.(row, view) ?? String),
    ),
  );
  return [heading, ...lines];
}

/** @returns the widths of columns in `room` columns in all; undefined if they do not fit */
function shrink(
  natural: readonly number[],
  smallest: readonly (number | undefined)[],
  total: number,
): number[] | undefined {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - total;
  while (excess > 0) {
    const widest = widths.reduce((best, width, i) => {
      const spare = width - (smallest[i] ?? width);
      return spare > 0 && width > (widths[best] ?? 0) ? i : best;
    }, -1);
    if (widest === -1) return undefined;
    widths[widest]!--;
    excess--;
  }
  return widths;
}

/** A row as lines: the first cell, and the others with their titles. */
function block<Row>(row: Row, cells: readonly (readonly [Column<Row>, string])[], view: View): string[] {
  const filled = cells.filter(([, text]) => text !== '');
  const titleWidth = Math.max(0, ...filled.slice(1).map(([{ title }]) => widthOf(title)));
  return filled.flatMap(([column, text], i) => {
    const paint = column.paint?.(row, view) ?? String;
    if (i === 0) return [paint(fit(text, view.width))];
    const indent = `  ${' '.repeat(titleWidth)}  `;
    const [first = '', ...others] = indented(text, view.width, indent);
    const label = view.colors.dim(pad(column.title, titleWidth));
    return [`  ${label}  ${paint(first.trimStart())}`, ...others.map((line) => paint(line))];
  });
}
