/** q: the beginning of the ids. */
export type UsersSearch = { q?: string };

const MAX_LENGTH = 200;

export const searchOf = ({ q }: Record<string, unknown>): UsersSearch =>
  typeof q === 'string' && q !== '' ? { q: q.slice(0, MAX_LENGTH) } : {};
