import { Secret } from '@errand/contracts';
import { createEgress, createModel, type Egress, modelProviders } from '@errand/integrations';
import type { Model } from '@errand/ports/model';

/** An endpoint of the reader's choice, as the command line names it. */
export type Endpoint = {
  url: string;
  model: string;
  provider: (typeof modelProviders)[number];
  /** The endpoint's key; the command line names the variable that contains it. */
  key?: string;
  /** `{"input", "output"}` per million tokens, as JSON; without it the cost is unknown. */
  prices?: string;
};

/** @throws Error that names the option that cannot be used */
export function toEndpoint(
  options: Readonly<Partial<Record<'endpoint' | 'model' | 'provider' | 'key-env' | 'prices', string>>>,
  env: Readonly<Record<string, string | undefined>>,
): Endpoint | undefined {
  const { endpoint: url, model = 'default', provider = 'openai-compatible', 'key-env': variable, prices } = options;
  if (url === undefined) return undefined;
  if (!URL.canParse(url))
    throw new Error('--endpoint must be a URL with its version part, such as http://127.0.0.1:8080/v1.');
  const modelProvider = modelProviders.find((candidate) => candidate === provider);
  if (!modelProvider) throw new Error(`--provider must be one of ${modelProviders.join(', ')}.`);
  const key = variable && env[variable];
  if (variable && !key) throw new Error(`--key-env names the variable ${variable}, which is not set.`);
  return { url, model, provider: modelProvider, ...(key && { key }), ...(prices && { prices }) };
}

/** The model at an endpoint, and the egress to it. */
export function openModel({ url, model, provider, key, prices }: Endpoint): { model: Model; egress: Egress } {
  const egress = createEgress({ allowOrigins: [new URL(url).origin] });
  const price = prices && { currency: 'USD', ...(JSON.parse(prices) as { input: number; output: number }) };
  const configuredModel = createModel({
    provider,
    model,
    baseUrl: url,
    fetchFor: egress.fetchFor,
    ...(key && { apiKey: new Secret(key) }),
    ...(price && { price }),
  });
  return { model: configuredModel, egress };
}
