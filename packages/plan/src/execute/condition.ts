import type { Json } from '@errand/contracts';

/** What a condition says: true holds, false and nothing do not. Undefined: it is neither, so it decides nothing. */
export const conditionOf = (value: Json): boolean | undefined =>
  typeof value === 'boolean' ? value : value === null ? false : undefined;
