// The tab, the filters and the opened tool of an integration, as they stand in the address.
export const TABS = ['tools', 'changes', 'users', 'auth', 'health', 'settings'] as const;
export type Tab = (typeof TABS)[number];
export const TOOL_FILTERS = ['on', 'off', 'review', 'read', 'write', 'called', 'failed'] as const;
export type ToolFilter = (typeof TOOL_FILTERS)[number];
export const USER_STATES = ['connected', 'needs_reconnect', 'not_connected'] as const;
export type UserState = (typeof USER_STATES)[number];
export const DAYS = [1, 7, 30] as const;
export type Days = (typeof DAYS)[number];

export type IntegrationSearch = {
  tab?: Tab;
  /** Words of tools. */
  q?: string;
  show?: ToolFilter;
  /** Days of the use of tools; 7 by default. */
  days?: Days;
  /** The opened tool. */
  tool?: string;
  state?: UserState;
};

const oneOf = <T>(values: readonly T[], value: unknown): T | undefined => values.find((each) => each === value);

export function searchOf(search: Record<string, unknown>): IntegrationSearch {
  const { q, tool } = search;
  const tab = oneOf(TABS, search.tab);
  const show = oneOf(TOOL_FILTERS, search.show);
  const days = oneOf(DAYS, search.days);
  const state = oneOf(USER_STATES, search.state);
  return {
    ...(tab && { tab }),
    ...(typeof q === 'string' && q !== '' && { q: q.slice(0, 200) }),
    ...(show && { show }),
    ...(days && { days }),
    ...(typeof tool === 'string' && { tool }),
    ...(state && { state }),
  };
}
