import type { View } from './view.ts';
import { indented, pad, widthOf } from './width.ts';

export type Field = readonly [name: string, value: string | number | undefined];

/** Lines with names and values. Fields without a value are left out. */
export function fields(list: readonly Field[], view: View): string[] {
  const filled = list.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)] as const],
  );
  const nameWidth = Math.max(0, ...filled.map(([name]) => widthOf(name)));
  return filled.flatMap(([name, value]) => {
    const indent = ' '.repeat(nameWidth + 2);
    const [first = '', ...others] = indented(value, view.width, indent);
    return [view.colors.dim(pad(name, nameWidth + 2)) + first.slice(indent.length), ...others];
  });
}
