import { isRecord } from '@errand/basics/is-record';
import { Secret } from '@errand/contracts';
import { type ModelOptions, modelProviders } from '@errand/integrations';
import { ConfigError, choice, publicUrl, whole } from './setting.ts';

type Endpoint = Pick<ModelOptions, 'provider' | 'model' | 'apiKey' | 'baseUrl' | 'price'>;
export type ModelConfig = Endpoint &
  Pick<ModelOptions, 'timeoutMs' | 'maxOutputTokens' | 'maxRepairs' | 'maxToolsShown'> & {
    /** Used while the endpoint of the first model fails. */
    fallback?: Endpoint;
    /** Maximum number of new plans for a run. */
    maxReplans?: number;
  };

export const modelNames = [
  'ERRAND_MODEL_PROVIDER',
  'ERRAND_MODEL',
  'ERRAND_MODEL_API_KEY',
  'ERRAND_MODEL_BASE_URL',
  'ERRAND_MODEL_TIMEOUT_SECONDS',
  'ERRAND_MODEL_OUTPUT_TOKENS',
  'ERRAND_MODEL_TOOLS_SHOWN',
  'ERRAND_MODEL_REPAIRS',
  'ERRAND_MODEL_REPLANS',
  'ERRAND_MODEL_PRICES',
  'ERRAND_FALLBACK_PROVIDER',
  'ERRAND_FALLBACK_MODEL',
  'ERRAND_FALLBACK_API_KEY',
  'ERRAND_FALLBACK_BASE_URL',
] as const;
type Env = Readonly<Partial<Record<(typeof modelNames)[number], string>>>;

/** The settings of the model; undefined without a model. @throws ConfigError */
export function modelOf(env: Env): ModelConfig | undefined {
  const { ERRAND_MODEL_PROVIDER: provider, ERRAND_MODEL: model, ERRAND_MODEL_BASE_URL: baseUrl } = env;
  const apiKey = env.ERRAND_MODEL_API_KEY;
  const setName = modelNames.find((name) => env[name]);
  if (!setName) return undefined;
  if (!provider) throw new ConfigError('ERRAND_MODEL_PROVIDER', `must be set too: ${modelProviders.join(', ')}.`);
  if (!model) throw new ConfigError('ERRAND_MODEL', "must be set too: the model's name at its provider.");
  const prices = pricesOf(env.ERRAND_MODEL_PRICES);
  const seconds = whole('ERRAND_MODEL_TIMEOUT_SECONDS', env.ERRAND_MODEL_TIMEOUT_SECONDS, 1, 3600);
  return {
    ...endpoint('ERRAND_MODEL', { provider, model, apiKey, baseUrl }, prices),
    fallback: fallbackOf(env, { provider, apiKey, baseUrl }, prices),
    timeoutMs: seconds && seconds * 1000,
    maxOutputTokens: whole('ERRAND_MODEL_OUTPUT_TOKENS', env.ERRAND_MODEL_OUTPUT_TOKENS, 256, 1_000_000),
    maxToolsShown: whole('ERRAND_MODEL_TOOLS_SHOWN', env.ERRAND_MODEL_TOOLS_SHOWN, 1, 200),
    maxRepairs: whole('ERRAND_MODEL_REPAIRS', env.ERRAND_MODEL_REPAIRS, 0, 10),
    maxReplans: whole('ERRAND_MODEL_REPLANS', env.ERRAND_MODEL_REPLANS, 0, 10),
  };
}

type EndpointSettings = { provider: string; model: string; apiKey?: string | undefined; baseUrl?: string | undefined };
type Prices = Record<string, NonNullable<Endpoint['price']>>;

/** Without its own provider, the fallback is another model at the same endpoint. */
function fallbackOf(env: Env, first: Omit<EndpointSettings, 'model'>, prices: Prices): Endpoint | undefined {
  const { ERRAND_FALLBACK_PROVIDER: provider, ERRAND_FALLBACK_MODEL: model } = env;
  const { ERRAND_FALLBACK_API_KEY: apiKey, ERRAND_FALLBACK_BASE_URL: baseUrl } = env;
  if (!model) {
    const hasOthers = [provider, apiKey, baseUrl].some((value) => value);
    if (hasOthers) throw new ConfigError('ERRAND_FALLBACK_MODEL', "must be set too: the model's name at its provider.");
    return undefined;
  }
  const settings = provider ? { provider, apiKey, baseUrl } : { ...first, ...defined({ apiKey, baseUrl }) };
  return endpoint('ERRAND_FALLBACK', { ...settings, model }, prices);
}

const defined = (values: { apiKey: string | undefined; baseUrl: string | undefined }) => ({
  ...(values.apiKey && { apiKey: values.apiKey }),
  ...(values.baseUrl && { baseUrl: values.baseUrl }),
});

function endpoint(prefix: string, { provider, model, apiKey, baseUrl }: EndpointSettings, prices: Prices): Endpoint {
  const kind = choice(`${prefix}_PROVIDER`, provider, modelProviders);
  if (kind === 'openai-compatible' && !baseUrl)
    throw new ConfigError(`${prefix}_BASE_URL`, 'must be set for openai-compatible: the URL of the API.');
  if (kind !== 'openai-compatible' && !apiKey) throw new ConfigError(`${prefix}_API_KEY`, `must be set for ${kind}.`);
  return {
    provider: kind,
    model,
    apiKey: apiKey ? new Secret(apiKey) : undefined,
    baseUrl: baseUrl && publicUrl(`${prefix}_BASE_URL`, baseUrl),
    price: Object.hasOwn(prices, model) ? prices[model] : undefined,
  };
}

/** Prices per million tokens, by model. */
function pricesOf(text: string | undefined): Prices {
  if (text === undefined) return {};
  const fault = new ConfigError(
    'ERRAND_MODEL_PRICES',
    'must be JSON such as {"gpt-5-mini": {"input": 0.25, "cachedInput": 0.025, "output": 2, "currency": "USD"}}: prices of a million tokens, by model; cachedInput, cacheWrite and currency may be left out.',
  );
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw fault;
  }
  if (!isRecord(parsed)) throw fault;
  const prices = Object.entries(parsed).map(([model, price]) => {
    if (!isRecord(price)) throw fault;
    const { input, output, cachedInput, cacheWrite, currency = 'USD', ...unknown } = price;
    const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 1e9;
    const isOptional = (value: unknown): value is number | undefined => value === undefined || isAmount(value);
    const isKnown = typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) && Object.keys(unknown).length === 0;
    if (!isAmount(input) || !isAmount(output) || !isOptional(cachedInput) || !isOptional(cacheWrite) || !isKnown)
      throw fault;
    return [model, { input, output, cachedInput, cacheWrite, currency }] as const;
  });
  return Object.fromEntries(prices);
}
