import { Secret } from '@errand/contracts';
import { createEgress, createModel, type Egress, modelProviders } from '@errand/integrations';
import type { Model } from '@errand/ports/model';

/** An endpoint that a reader of the figures has, as the command line names it. */
export type Endpoint = {
  url: string;
  model: string;
  provider: (typeof modelProviders)[number];
  /** Its key; the command line names the variable that holds it. */
  key?: string;
  /** `{"input", "output"}` of a million tokens, as JSON; without it nobody knows what the answers cost. */
  prices?: string;
};

/** @throws Error that says which option cannot be used */
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

/** The model at an endpoint, and the way to it. */
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
