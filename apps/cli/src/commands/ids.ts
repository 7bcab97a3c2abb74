import { shortId } from '../decisions/entry.ts';
import type { View } from '../terminal/view.ts';

/** Whole ids need so many columns. */
const WIDE = 120;

/** An id as a table shows it: whole where there is room. */
export const idIn = (view: View) => (id: string) => (view.width >= WIDE ? id : shortId(id));
