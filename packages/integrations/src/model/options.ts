import type { Secret } from '@errand/contracts';
import type { ModelPlanning } from '@errand/ports/model';
import type { Egress } from '../egress/egress.ts';

export const modelProviders = ['openai', 'anthropic', 'google', 'openai-compatible'] as const;
export type ModelProvider = (typeof modelProviders)[number];

/** Per million tokens. */
export type ModelPrice = {
  input: number;
  output: number;
  /** Input that the endpoint reads from its cache and writes to it; by default as `input`. */
  cachedInput?: number;
  cacheWrite?: number;
  currency: string;
};

export type ModelOptions = Partial<Omit<ModelPlanning, 'madeBy'>> & {
  /** Determines the wire format. `openai-compatible` is chat completions at `baseUrl`, of any vendor. */
  provider: ModelProvider;
  model: string;
  /** Required, except by `openai-compatible`. */
  apiKey?: Secret;
  /** URL of the endpoint with its version (`https://host/v1`). Required by `openai-compatible`. */
  baseUrl?: string;
  /** The only access to the network. */
  fetchFor: Egress['fetchFor'];
  /** Longest wait for one answer, the endpoint's retries included, in ms. */
  timeoutMs?: number;
  /** Longest pause of an answer that has begun, in ms. */
  idleMs?: number;
  /** Without it the cost of answers is unknown. */
  price?: ModelPrice;
};

type Optional = 'apiKey' | 'baseUrl' | 'price';
export type ModelSettings = Required<Omit<ModelOptions, Optional>> & Pick<ModelOptions, Optional>;

const ENDPOINTS: Readonly<Partial<Record<ModelProvider, string>>> = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
};

/** The URL of the API. */
export const endpointOf = ({ provider, baseUrl }: Pick<ModelOptions, 'provider' | 'baseUrl'>): string =>
  baseUrl ?? ENDPOINTS[provider] ?? '';

export const madeByOf = ({ provider, model }: Pick<ModelOptions, 'provider' | 'model'>): string =>
  `model:${provider}/${model}`;

/** Adds the defaults. @throws RangeError, TypeError with instructions if the options cannot work */
export function readOptions(options: ModelOptions): ModelSettings {
  checkOptions(options);
  const {
    maxRepairs = 3,
    maxOutputTokens = 16_000,
    timeoutMs = 120_000,
    idleMs = 120_000,
    maxToolsShown = 40,
  } = options;
  checkWholeNumbers({ maxRepairs }, 0);
  checkWholeNumbers({ maxOutputTokens, timeoutMs, idleMs, maxToolsShown }, 1);
  return { ...options, maxRepairs, maxOutputTokens, timeoutMs, idleMs, maxToolsShown };
}

function checkOptions({ provider, model, apiKey, baseUrl }: ModelOptions): void {
  if (!modelProviders.includes(provider))
    throw new TypeError(`The model provider must be ${modelProviders.join(', ')}.`);
  if (!model.trim()) throw new TypeError('The model planner needs the name of a model.');
  if (baseUrl !== undefined && !(URL.canParse(baseUrl) && /^https?:$/.test(new URL(baseUrl).protocol)))
    throw new TypeError('The base URL of the model endpoint must be an http or https URL.');
  if (provider === 'openai-compatible' && !baseUrl)
    throw new TypeError('An openai-compatible model needs the base URL of its endpoint.');
  if (provider !== 'openai-compatible' && !apiKey?.reveal())
    throw new TypeError(`The model provider ${provider} needs an API key.`);
}

function checkWholeNumbers(values: Readonly<Record<string, number>>, min: number): void {
  for (const [name, value] of Object.entries(values))
    if (!Number.isSafeInteger(value) || value < min)
      throw new RangeError(`${name} must be a whole number of at least ${min}.`);
}
