// The filters of the inbox, as they stand in the address.
import { requestKindLabels } from '@errand/contracts/labels';

export type Kind = keyof typeof requestKindLabels;
/** entry: the opened request. state: the decided ones instead of the open ones. */
export type InboxSearch = { entry?: string; state?: 'decided'; kind?: Kind; q?: string };

export const KINDS = Object.keys(requestKindLabels) as Kind[];
const MAX_QUERY = 200;

export function searchOf(search: Record<string, unknown>): InboxSearch {
  const { entry, state, q } = search;
  const kind = KINDS.find((each) => each === search.kind);
  return {
    ...(typeof entry === 'string' && { entry }),
    ...(state === 'decided' && { state }),
    ...(kind && { kind }),
    ...(typeof q === 'string' && q !== '' && { q: q.slice(0, MAX_QUERY) }),
  };
}
