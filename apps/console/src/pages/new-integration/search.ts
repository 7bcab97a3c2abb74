// The step, the source and the registered integration, as they stand in the address. Nothing that a person types is there but words of a search.
export const STEPS = ['source', 'found', 'access', 'tools', 'done'] as const;
export type StepName = (typeof STEPS)[number];
export const ORIGINS = ['catalog', 'url', 'file', 'mcp'] as const;
export type Origin = (typeof ORIGINS)[number];

export type NewIntegrationSearch = {
  step?: StepName;
  /** Where the service is described; the catalogue by default. */
  from?: Origin;
  /** Words of the catalogue. */
  q?: string;
  /** The registered integration. */
  id?: string;
};

const MAX_QUERY = 200;

export function searchOf({ step, from, q, id }: Record<string, unknown>): NewIntegrationSearch {
  const knownStep = STEPS.find((each) => each === step);
  const knownOrigin = ORIGINS.find((each) => each === from);
  return {
    ...(knownStep && { step: knownStep }),
    ...(knownOrigin && { from: knownOrigin }),
    ...(typeof q === 'string' && q !== '' && { q: q.slice(0, MAX_QUERY) }),
    ...(typeof id === 'string' && id !== '' && { id }),
  };
}

/** The step of the page: without a draft the source, after the registration the tools. */
export function currentStep({ step = 'source', id }: NewIntegrationSearch, hasDraft: boolean): StepName {
  if (id !== undefined) return step === 'done' ? 'done' : 'tools';
  return hasDraft && (step === 'found' || step === 'access') ? step : 'source';
}
