/** Fills the form in advance, so that an errand can be shared as a link. */
export type NewErrandSearch = { intent?: string; userId?: string };

export function searchOf({ intent, userId }: Record<string, unknown>): NewErrandSearch {
  return {
    ...(typeof intent === 'string' && { intent }),
    ...(typeof userId === 'string' && { userId }),
  };
}
