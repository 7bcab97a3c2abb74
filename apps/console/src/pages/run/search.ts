export const VIEWS = ['flow', 'waterfall', 'events', 'raw'] as const;
export type View = (typeof VIEWS)[number];

/** view: the part of the page. step: the step in the inspector. call: one of its calls. */
export type RunSearch = { view?: View; step?: string; call?: string };

export function searchOf(search: Record<string, unknown>): RunSearch {
  const view = VIEWS.find((each) => each === search.view);
  const { step, call } = search;
  return {
    ...(view && { view }),
    ...(typeof step === 'string' && { step }),
    ...(typeof call === 'string' && { call }),
  };
}
