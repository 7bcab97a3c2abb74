/** Appends a member's name to a JSON pointer (RFC 6901). */
export const under = (pointer: string, key: string | number): string =>
  `${pointer}/${typeof key === 'number' ? key : key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

const nameOf = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** The names in a JSON pointer. */
export const namesIn = (pointer: string): string[] => pointer.split('/').slice(1).map(nameOf);
