import {
  type CreateIntegrationInput,
  problem,
  type RequestSettings,
  type Variable,
  type Variables,
} from '@errand/contracts';
import { faultsOfSettings, type IntegrationSettings, type SettingsFault } from '@errand/contracts/settings-faults';
import { type Definitions, expandKnown, isOfOwner, partsOfUrl, valuesFor } from '@errand/contracts/variable-values';
import { type Connection, type NewSettings, type StoredSettings, variablesDestination } from '@errand/db';

/** Largest variables, and largest values of requests, in bytes of JSON. */
const MAX_BYTES = 65_536;

export type SettingsInput = Partial<
  Pick<CreateIntegrationInput, 'baseUrl' | 'variables' | 'headers' | 'query' | 'arguments'>
>;

type Check = Pick<IntegrationSettings, 'kind' | 'auth' | 'hasOwnerSecret'> & { baseUrl: string | undefined };

/** The settings of a new integration. @throws ProblemError validation_failed */
export function newSettings(input: SettingsInput, check: Check): NewSettings {
  const { headers, query, arguments: fixed } = input;
  const settings = {
    ...splitVariables(input.variables ?? {}, { baseUrl: '', variables: {}, secrets: {} }),
    requests: requestSettings({ headers, query, arguments: fixed }),
  };
  checkSettings(settings, check);
  return settings;
}

type PatchInput = {
  [Field in 'variables' | 'headers' | 'query' | 'arguments']?: SettingsInput[Field] | null;
};

/** Whether a patch changes settings. */
export const changesSettings = ({ variables, headers, query, arguments: fixed }: PatchInput): boolean =>
  [variables, headers, query, fixed].some((value) => value !== undefined);

/**
 * The settings after a patch. Null removes a field. @param hasOwnerSecret whether a secret of the owner is stored afterwards
 * @throws ProblemError validation_failed
 */
export function changedSettings(stored: StoredSettings, patch: PatchInput, hasOwnerSecret: boolean): NewSettings {
  const { headers = stored.requests.headers, query = stored.requests.query } = patch;
  const { arguments: fixed = stored.requests.arguments } = patch;
  const settings = {
    ...splitVariables(patch.variables ?? {}, stored, patch.variables === null),
    requests: requestSettings({ headers, query, arguments: fixed }),
  };
  const { kind, baseUrl, auth } = stored;
  checkSettings(settings, { kind, baseUrl, auth, hasOwnerSecret });
  return settings;
}

const requestSettings = (
  fields: { [Field in keyof RequestSettings]: RequestSettings[Field] | null },
): RequestSettings =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

/**
 * Separates secret values from the variables. If all entries are texts, the other variables stay; otherwise the entries replace all.
 * Stored secret values stay unless calls go to another origin, or users may choose another one.
 */
function splitVariables(
  input: Variables,
  stored: Pick<StoredSettings, 'baseUrl' | 'variables' | 'secrets'>,
  removesAll = false,
): Pick<NewSettings, 'variables' | 'secrets'> {
  if (removesAll) return { variables: {}, secrets: {} };
  const entries = Object.entries(input);
  const keepsOthers = entries.every(([, entry]) => typeof entry === 'string');
  const variables: Record<string, Variable> = keepsOthers ? { ...stored.variables } : {};
  for (const [name, entry] of entries) {
    const before = Object.hasOwn(stored.variables, name) ? stored.variables[name] : undefined;
    variables[name] = typeof entry === 'string' ? withValue(before, entry) : entry;
  }
  const isMoved = variablesDestination(stored) !== variablesDestination({ baseUrl: stored.baseUrl, variables });
  return withoutSecrets(variables, isMoved ? {} : stored.secrets);
}

/** Separates the values of secret variables. @param stored values that stay unless there are new ones */
function withoutSecrets(
  variables: Definitions,
  stored: StoredSettings['secrets'],
): Pick<NewSettings, 'variables' | 'secrets'> {
  const secrets: Record<string, string> = {};
  const definitions = Object.entries(variables).map(([name, variable]) => {
    if (!variable.secret) return [name, variable];
    const { value, ...definition } = variable;
    const secret = value ?? (Object.hasOwn(stored, name) ? stored[name] : undefined);
    if (secret !== undefined && isOfOwner(definition)) secrets[name] = secret;
    return [name, definition];
  });
  return { variables: Object.fromEntries(definitions), secrets };
}

/** A variable with the value of the owner, who then gives it for all users. */
function withValue(variable: Variable | undefined, value: string): Variable {
  const { from: _, path: __, request: ___, ...definition } = variable ?? {};
  return { ...definition, value };
}

/** @throws ProblemError validation_failed */
export function checkSettings({ variables, secrets, requests }: NewSettings, check: Check): void {
  const tooLarge = [
    { pointer: '/variables', value: variables },
    { pointer: '/arguments', value: requests },
  ].flatMap(({ pointer, value }) =>
    Buffer.byteLength(JSON.stringify(value)) > MAX_BYTES
      ? [{ pointer, message: `It is too large: at most ${MAX_BYTES / 1024} KiB of JSON.` }]
      : [],
  );
  const faults: readonly SettingsFault[] =
    tooLarge.length > 0 ? tooLarge : faultsOfSettings({ ...check, variables, secrets, requests });
  const [first] = faults;
  if (!first) return;
  const { remedy } = first;
  throw problem('validation_failed', first.message, {
    errors: faults.map(({ pointer, message }) => ({ pointer, message })),
    ...(remedy !== undefined && { remedy }),
  });
}

const SECRET_FIELDS = ['token', 'password', 'clientSecret', 'secretAccessKey', 'serviceAccountKey'];

/** Whether the auth of the owner contains a secret. */
export const hasSecret = (auth: object): boolean =>
  SECRET_FIELDS.some((field) => (auth as Record<string, unknown>)[field] !== undefined);

/** The template with the values of the owner, except secret ones. */
export const withOwnerValues = (template: string, variables: Definitions): string =>
  expandKnown(template, valuesFor(Object.fromEntries(Object.entries(variables).filter(([, of]) => isOfOwner(of)))));

/** The host of a base URL, for people. */
export function hostOf(baseUrl: string): string {
  if (URL.canParse(baseUrl) && !baseUrl.includes('{')) return new URL(baseUrl).host;
  const { origin, authority = baseUrl } = partsOfUrl(baseUrl) ?? {};
  return origin === undefined ? authority : `{${origin}}`;
}

/** The address of an MCP server, which takes only values of the owner. */
export const addressOf = ({ baseUrl, variables = {} }: Pick<Connection, 'baseUrl' | 'variables'>): string =>
  withOwnerValues(baseUrl, variables);
