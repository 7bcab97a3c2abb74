// The filters of the integrations, as they stand in the address.
export type Show = 'attention' | 'paused';
export type IntegrationsSearch = { q?: string; show?: Show };

export function searchOf({ q, show }: Record<string, unknown>): IntegrationsSearch {
  return {
    ...(typeof q === 'string' && q !== '' && { q: q.slice(0, 200) }),
    ...((show === 'attention' || show === 'paused') && { show }),
  };
}
