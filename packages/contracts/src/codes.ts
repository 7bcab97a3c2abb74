import type { ErrorCode } from './error.ts';

/** The codes that an operation may answer with, kept as literals. */
export const codes = <const C extends readonly ErrorCode[]>(...list: C) => list;
