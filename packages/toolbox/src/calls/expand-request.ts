import type { Json, RequestSettings } from '@errand/contracts';
import { expandKnown, expandUrl, type Values, valuesFor } from '@errand/contracts/variable-values';
import { type Failure, type FixedRequest, failure } from '@errand/integrations';
import type { ServiceTarget } from '@errand/ports/service-auth';
import { missingOfUser, type Resolved } from '../credentials/variables.ts';

/** Where a call goes, and what the integration adds to it. */
export type ExpandedRequest = { baseUrl: string; origin: string; fixed?: FixedRequest };

/** Replaces the variables of an integration in its base URL and in the values of its requests. @param operation of the call, if any */
export function expandRequest(
  resolved: Resolved<ServiceTarget>,
  operation: string,
): ExpandedRequest | { outcome: Failure } {
  const { connection, secrets } = resolved;
  const {
    name,
    baseUrl: template,
    variables = {},
    userVariables,
    requestSettings = {},
    customerIntegrationId,
  } = connection;
  const missing = missingOfUser(resolved);
  if (missing.length > 0) {
    const titles = missing.map((key) => variables[key]?.title ?? key).join(', ');
    return { outcome: failure('credential_missing', `${name} needs values from the user: ${titles}.`) };
  }
  const values = valuesFor(variables, userVariables, secrets);
  const unset = Object.keys(variables).filter((key) => !Object.hasOwn(values, key));
  const baseUrl = template.includes('{') ? expandUrl(template, values) : template;
  if (unset.length > 0 || baseUrl === undefined) {
    const reason = unset.length > 0 ? `its owner must set ${unset.join(', ')} again` : 'its base URL is no URL';
    const text = `${name} cannot be called: ${reason}. PATCH /v1/integrations/${customerIntegrationId} with variables.`;
    return { outcome: failure('credential_unavailable', text) };
  }
  const { origin } = new URL(baseUrl);
  const isPlain = Object.keys(requestSettings).length === 0 && Object.keys(secrets).length === 0;
  if (isPlain) return { baseUrl, origin };
  return { baseUrl, origin, fixed: fixedRequest(requestSettings, operation, values, Object.values(secrets)) };
}

const NO_MEMBERS = {};

/** The values of requests of one operation. */
export function fixedRequest(
  { headers = NO_MEMBERS, query = NO_MEMBERS, arguments: fixed = NO_MEMBERS }: RequestSettings,
  operation: string,
  values: Values,
  secrets: readonly string[],
): FixedRequest {
  const texts = (of: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(of).map(([name, text]) => [name, expandKnown(text, values)]));
  const ofOperation = Object.hasOwn(fixed, operation) ? fixed[operation] : NO_MEMBERS;
  const expanded = expandJson({ ...fixed['*'], ...ofOperation }, values) as Record<string, Json>;
  const present = secrets.filter((secret) => secret !== '');
  return { headers: texts(headers), query: texts(query), arguments: expanded, secrets: present };
}

function expandJson(value: Json, values: Values): Json {
  if (typeof value === 'string') return expandKnown(value, values);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => expandJson(item, values));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandJson(item!, values)]));
}
