import { Secret } from '@errand/contracts';
import { type ModelOptions, modelProviders } from '@errand/integrations';
import { z } from 'zod';
import { ConfigError, parseChoice, parseJson, parsePublicUrl, parseWholeNumber } from './setting.ts';
import { type Env, modelNames, withDefaults } from './settings.ts';

type Endpoint = Pick<ModelOptions, 'provider' | 'model' | 'apiKey' | 'baseUrl' | 'price'>;
export type ModelConfig = Endpoint &
  Pick<ModelOptions, 'timeoutMs' | 'maxOutputTokens' | 'maxRepairs' | 'maxToolsShown'> & {
    /** Used while the endpoint of the first model fails. */
    fallback?: Endpoint;
    /** Maximum number of new plans for a run. */
    maxReplans?: number;
  };

/** The settings of the model; undefined without a model. @throws ConfigError */
export function modelOf(setEnv: Env): ModelConfig | undefined {
  const setName = modelNames.find((name) => setEnv[name]);
  if (!setName) return undefined;
  const env = withDefaults(setEnv);
  const { ERRAND_MODEL_PROVIDER: provider, ERRAND_MODEL: model, ERRAND_MODEL_BASE_URL: baseUrl } = env;
  const apiKey = env.ERRAND_MODEL_API_KEY;
  if (!provider) throw new ConfigError('ERRAND_MODEL_PROVIDER', `must be set too: ${modelProviders.join(', ')}.`);
  if (!model) throw new ConfigError('ERRAND_MODEL', "must be set too: the model's name at its provider.");
  const prices = parsePrices(env.ERRAND_MODEL_PRICES);
  const seconds = parseWholeNumber('ERRAND_MODEL_TIMEOUT_SECONDS', env.ERRAND_MODEL_TIMEOUT_SECONDS, 1, 3600);
  return {
    ...endpoint('ERRAND_MODEL', { provider, model, apiKey, baseUrl }, prices),
    fallback: fallbackOf(env, { provider, apiKey, baseUrl }, prices),
    timeoutMs: seconds && seconds * 1000,
    maxOutputTokens: parseWholeNumber('ERRAND_MODEL_OUTPUT_TOKENS', env.ERRAND_MODEL_OUTPUT_TOKENS, 256, 1_000_000),
    maxToolsShown: parseWholeNumber('ERRAND_MODEL_TOOLS_SHOWN', env.ERRAND_MODEL_TOOLS_SHOWN, 1, 200),
    maxRepairs: parseWholeNumber('ERRAND_MODEL_REPAIRS', env.ERRAND_MODEL_REPAIRS, 0, 10),
    maxReplans: parseWholeNumber('ERRAND_MODEL_REPLANS', env.ERRAND_MODEL_REPLANS, 0, 10),
  };
}

type EndpointSettings = { provider: string; model: string; apiKey?: string | undefined; baseUrl?: string | undefined };
type Prices = z.infer<typeof PriceTable>;

/** Without its own provider, the fallback is another model at the same endpoint. */
function fallbackOf(env: Env, first: Omit<EndpointSettings, 'model'>, prices: Prices): Endpoint | undefined {
  const { ERRAND_FALLBACK_PROVIDER: provider, ERRAND_FALLBACK_MODEL: model } = env;
  const { ERRAND_FALLBACK_API_KEY: apiKey, ERRAND_FALLBACK_BASE_URL: baseUrl } = env;
  if (!model) {
    const hasOthers = [provider, apiKey, baseUrl].some((value) => value);
    if (hasOthers) throw new ConfigError('ERRAND_FALLBACK_MODEL', "must be set too: the model's name at its provider.");
    return undefined;
  }
  const settings = provider
    ? { provider, apiKey, baseUrl }
    : { ...first, apiKey: apiKey ?? first.apiKey, baseUrl: baseUrl ?? first.baseUrl };
  return endpoint('ERRAND_FALLBACK', { ...settings, model }, prices);
}

function endpoint(prefix: string, { provider, model, apiKey, baseUrl }: EndpointSettings, prices: Prices): Endpoint {
  const kind = parseChoice(`${prefix}_PROVIDER`, provider, modelProviders);
  if (kind === 'openai-compatible' && !baseUrl)
    throw new ConfigError(`${prefix}_BASE_URL`, 'must be set for openai-compatible: the URL of the API.');
  if (kind !== 'openai-compatible' && !apiKey) throw new ConfigError(`${prefix}_API_KEY`, `must be set for ${kind}.`);
  return {
    provider: kind,
    model,
    apiKey: apiKey ? new Secret(apiKey) : undefined,
    baseUrl: baseUrl && parsePublicUrl(`${prefix}_BASE_URL`, baseUrl),
    price: Object.hasOwn(prices, model) ? prices[model] : undefined,
  };
}

const Amount = z.number().nonnegative().lt(1e9);
const PriceTable = z.record(
  z.string(),
  z.strictObject({
    input: Amount,
    output: Amount,
    cachedInput: Amount.optional(),
    cacheWrite: Amount.optional(),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .default('USD'),
  }),
);

/** Prices per million tokens, by model. */
function parsePrices(text: string | undefined): Prices {
  if (text === undefined) return {};
  const prices = PriceTable.safeParse(parseJson(text));
  if (prices.success) return prices.data;
  throw new ConfigError(
    'ERRAND_MODEL_PRICES',
    'must be JSON such as {"gpt-5-mini": {"input": 0.25, "cachedInput": 0.025, "output": 2, "currency": "USD"}}: prices of a million tokens, by model; cachedInput, cacheWrite and currency may be left out.',
  );
}
