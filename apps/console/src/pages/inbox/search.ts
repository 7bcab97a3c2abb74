export type InboxSearch = { entry?: string; state?: 'decided'; kind?: string; q?: string };

export function searchOf(search: Record<string, unknown>): InboxSearch {
  const { entry, state, kind, q } = search;
  return {
    ...(typeof entry === 'string' && { entry }),
    ...(state === 'decided' && { state }),
    ...(typeof kind === 'string' && { kind }),
    ...(typeof q === 'string' && q !== '' && { q }),
  };
}
