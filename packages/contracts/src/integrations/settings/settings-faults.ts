// The faults of the variables and fixed values of an integration, before they are stored.
import type { Json } from '../../base/json.ts';
import { type AuthFields, authHeaders, authParameters, authUrls, escaped } from '../auth/auth-templates.ts';
import {
  type Definitions,
  expandKnown,
  faultOfValue,
  isOfOwner,
  isSupportedPattern,
  partsOfUrl,
  type Templates,
  usesOf,
  type VariableUse,
  valuesFor,
} from '../variables/variable-values.ts';
import { type Variable, variablesIn } from '../variables/variables.ts';
import { controlsCall, isForbiddenHeader, replacesMethod } from './header-names.ts';
import type { RequestSettings } from './request-settings.ts';

export type IntegrationSettings = {
  kind: 'openapi' | 'mcp';
  /** The URL of the service, if the owner gave one; for an MCP server its address. */
  baseUrl?: string | undefined;
  auth: AuthFields;
  variables: Definitions;
  requests: RequestSettings;
  /** The owner's values of secret variables. */
  secrets: Readonly<Record<string, string>>;
  /** Whether the owner gives a token, client secret or key. */
  hasOwnerSecret: boolean;
};

/** @property remedy what the owner can send instead */
export type SettingsFault = { pointer: string; message: string; remedy?: string };

const MAX_FAULTS = 50;

/** The faults of settings, by pointers into the input. */
export function faultsOfSettings(settings: IntegrationSettings): SettingsFault[] {
  const templates = templatesOf(settings);
  const uses = usesOf(templates);
  const faults = [
    ...undeclared(settings.variables, templates),
    ...secretsInAuth(settings),
    ...Object.entries(settings.variables).flatMap(([name, variable]) =>
      faultsOfVariable(name, variable, [...(uses.get(name) ?? [])], settings),
    ),
    ...faultsOfUrls(settings, templates.urls),
    ...faultsOfRequests(settings),
  ].slice(0, MAX_FAULTS);
  if (settings.kind !== 'mcp') return faults;
  return faults.map((fault) => (fault.pointer === '/baseUrl' ? { ...fault, pointer: '/url' } : fault));
}

/** The parts of requests that use each variable. */
export const usesInSettings = (settings: Pick<IntegrationSettings, 'baseUrl' | 'auth' | 'requests' | 'variables'>) =>
  usesOf(templatesOf(settings));

/** The faults of values that a user gives, by name. @param values of variables with from user */
export function faultsOfUserValues(
  settings: Pick<IntegrationSettings, 'baseUrl' | 'auth' | 'requests' | 'variables'>,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const uses = usesInSettings(settings);
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const variable = Object.hasOwn(settings.variables, name) ? settings.variables[name]! : undefined;
      const fault =
        variable?.from === 'user'
          ? faultOfValue(name, variable, value, uses.get(name) ?? [])
          : 'The integration has no variable of users with this name.';
      return fault === undefined ? [] : [[name, fault]];
    }),
  );
}

function templatesOf({
  baseUrl,
  auth,
  requests,
  variables,
}: Pick<IntegrationSettings, 'baseUrl' | 'auth' | 'requests' | 'variables'>): Templates {
  const { headers = {}, query = {}, arguments: fixed = {} } = requests;
  const pointed = (part: string, texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [`/${part}/${escaped(name)}`, text]));
  const lookUps = Object.entries(variables).flatMap(([name, { request }]) =>
    request ? [[`/variables/${name}/request/url`, request.url]] : [],
  );
  return {
    urls: {
      ...(baseUrl !== undefined && { '/baseUrl': baseUrl }),
      ...authUrls(auth),
      ...Object.fromEntries(lookUps),
    },
    query: { ...pointed('query', query), ...authParameters(auth) },
    headers: { ...pointed('headers', headers), ...authHeaders(auth) },
    arguments: Object.fromEntries(
      Object.entries(fixed).flatMap(([operation, byName]) =>
        Object.entries(byName).flatMap(([name, value]) =>
          textsIn(value).map((text, n) => [
            `/arguments/${escaped(operation)}/${escaped(name)}${n === 0 ? '' : ` ${n}`}`,
            text,
          ]),
        ),
      ),
    ),
  };
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value as Record<string, Json>).flatMap(textsIn);
}

function undeclared(variables: Definitions, templates: Templates): SettingsFault[] {
  const texts = { ...templates.urls, ...templates.query, ...templates.headers, ...templates.arguments };
  return Object.entries(texts).flatMap(([pointer, text]) =>
    variablesIn(text)
      .filter((name) => !Object.hasOwn(variables, name))
      .map((name) => ({
        pointer: pointer.split(' ')[0]!,
        message: `{${name}} is not one of the variables.`,
        remedy: `Send variables: {${JSON.stringify(name)}: …} with its value, or with from user.`,
      })),
  );
}

/** Secret variables are sealed for the origin of the integration, so they are not sent to an authorization server. */
function secretsInAuth({ auth, variables }: IntegrationSettings): SettingsFault[] {
  const texts = { ...authUrls(auth), ...authParameters(auth), ...authHeaders(auth) };
  return Object.entries(texts).flatMap(([pointer, text]) =>
    variablesIn(text)
      .filter((name) => Object.hasOwn(variables, name) && variables[name]!.secret)
      .map((name) => ({ pointer, message: `{${name}} is secret, and auth sends no secret variables.` })),
  );
}

function faultsOfVariable(
  name: string,
  variable: Variable,
  uses: readonly VariableUse[],
  { secrets }: IntegrationSettings,
): SettingsFault[] {
  const pointer = `/variables/${name}`;
  const { pattern, enum: choices, secret, default: standard } = variable;
  if (pattern !== undefined && !isSupportedPattern(pattern))
    return [
      { pointer: `${pointer}/pattern`, message: 'The pattern needs look-around or back-references, or is malformed.' },
    ];
  if (uses.includes('origin') && pattern === undefined && choices === undefined)
    return [{ pointer, message: 'A variable that is the whole origin of a URL needs a pattern.' }];
  if (secret && uses.some((use) => use === 'origin' || use === 'host' || use === 'port'))
    return [{ pointer, message: 'A secret variable cannot be in the host of a URL.' }];
  if (secret && standard !== undefined)
    return [{ pointer: `${pointer}/default`, message: 'A secret variable has no default: definitions are returned.' }];
  const value = Object.hasOwn(secrets, name) ? secrets[name] : variable.value;
  const { enum: _, pattern: __, ...unrestricted } = variable;
  const checked = [
    ...(choices ?? []).map((choice) => ['enum', choice, { ...unrestricted, enum: choices }] as const),
    ...(standard === undefined ? [] : [['default', standard, variable] as const]),
    ...(value === undefined ? [] : [['value', value, variable] as const]),
  ];
  const faults = checked.flatMap(([field, text, rules]) => {
    const message = faultOfValue(name, rules, text, uses);
    return message === undefined ? [] : [{ pointer: field === 'value' ? pointer : `${pointer}/${field}`, message }];
  });
  return faults.length === 0 && isOfOwner(variable) && value === undefined && standard === undefined
    ? [missingValue(name, variable)]
    : faults;
}

function missingValue(name: string, { title, description, example }: Variable): SettingsFault {
  const explanation = [title === undefined ? undefined : `${title}.`, description].filter(Boolean).join(' ');
  return {
    pointer: `/variables/${name}`,
    message: `The variable ${name} has no value.${explanation && ` ${explanation}`}`,
    remedy: `Send its value, such as variables: {${JSON.stringify(name)}: ${JSON.stringify(example ?? '…')}}; or from user, if it differs by user.`,
  };
}

function faultsOfUrls(settings: IntegrationSettings, urls: Readonly<Record<string, string>>): SettingsFault[] {
  const { kind, baseUrl, variables, auth, hasOwnerSecret, requests, secrets } = settings;
  // The secret of a client is sent to the authorization server alone.
  const isOfClient = auth.type === 'OAUTH2' || auth.type === 'CLIENT_CREDENTIALS';
  const sendsSecret = {
    toService: (hasOwnerSecret && auth.type !== 'OAUTH2') || Object.keys(secrets).length > 0,
    toServer: hasOwnerSecret && isOfClient,
  };
  const faults = Object.entries(urls).flatMap(([pointer, template]): SettingsFault[] => {
    const parts = partsOfUrl(template);
    if (!parts) return [{ pointer, message: 'It must be a URL without user and fragment.' }];
    // The address of an MCP server may have a query.
    if (pointer === '/baseUrl' && parts.query !== '' && kind !== 'mcp')
      return [{ pointer, message: 'It has a query.', remedy: 'Send query for parameters of every call.' }];
    const isSent = pointer === '/baseUrl' ? sendsSecret.toService : sendsSecret.toServer;
    return isSent && !isFixedSite(template, variables) ? [{ pointer, ...USER_CHOOSES }] : [];
  });
  if (kind !== 'mcp') return faults;
  if (requests.arguments && Object.keys(requests.arguments).length > 0)
    faults.push({ pointer: '/arguments', message: 'An MCP server takes no fixed arguments.' });
  const isRefused = (name: string) =>
    Object.hasOwn(variables, name) && (!isOfOwner(variables[name]!) || variables[name]!.secret);
  if (variablesIn(baseUrl ?? '').some(isRefused)) {
    const message = 'The address of an MCP server takes only variables of the owner that are not secret.';
    faults.push({ pointer: '/url', message });
  }
  return faults;
}

const USER_CHOOSES = {
  message: 'A user would choose the site to which a secret of the owner is sent.',
  remedy:
    'End the host with a fixed domain, as in https://{shop}.example.com; or give the variable an enum, or a pattern that ends with a fixed domain, as in ^https://[a-z0-9-]+\\.example\\.com$.',
};

/** Whether the owner alone determines the domain of a URL: at least its last two labels. */
export function isFixedSite(template: string, variables: Definitions): boolean {
  const parts = partsOfUrl(template);
  if (!parts) return false;
  const isFree = (name: string) => !Object.hasOwn(variables, name) || !hasChoices(variables[name]!);
  if (parts.origin !== undefined) return !isFree(parts.origin) || endsWithSite(variables[parts.origin]?.pattern ?? '');
  const authority = expandKnown(parts.authority, ownedValues(variables));
  const last = variablesIn(authority).filter(isFree).at(-1);
  if (last === undefined) return true;
  const tail = authority.slice(authority.lastIndexOf(`{${last}}`) + last.length + 2);
  return /^[a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z0-9-]+\.[a-z][a-z0-9-]*(?::\d+)?$/i.test(tail);
}

const hasChoices = (variable: Variable): boolean => variable.enum !== undefined || isOfOwner(variable);

const ownedValues = (variables: Definitions) =>
  valuesFor(Object.fromEntries(Object.entries(variables).filter(([, variable]) => isOfOwner(variable))));

/** Whether all texts of a pattern end with the same domain, which no alternative avoids. */
const endsWithSite = (pattern: string): boolean =>
  !pattern.includes('|') && /\\\.[a-z0-9-]+\\\.[a-z][a-z0-9-]*(?::\d+)?\$?$/i.test(pattern);

function faultsOfRequests({ kind, auth, requests }: IntegrationSettings): SettingsFault[] {
  const { headers = {}, query = {} } = requests;
  const location = locationOfCredential(auth);
  const taken = 'is where the credential is sent.';
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const faultOfHeader = (name: string, n: number): string | undefined => {
    const lower = name.toLowerCase();
    if (names.indexOf(lower) < n) return 'is named twice.';
    if (location.in === 'header' && lower === location.name.toLowerCase()) return taken;
    const isOfProtocol =
      kind === 'mcp' && (lower === 'accept' || lower.startsWith('mcp-') || lower === 'last-event-id');
    return isForbiddenHeader(name) || controlsCall(name) || isOfProtocol ? 'controls the call itself.' : undefined;
  };
  const faultOfQuery = (name: string): string | undefined => {
    if (location.in === 'query' && name === location.name) return taken;
    return replacesMethod(name) ? 'controls the call itself.' : undefined;
  };
  const fault = (part: string, name: string, message: string | undefined) =>
    message === undefined ? [] : [{ pointer: `/${part}/${escaped(name)}`, message: `${name} ${message}` }];
  return [
    ...Object.keys(headers).flatMap((name, n) => fault('headers', name, faultOfHeader(name, n))),
    ...Object.keys(query).flatMap((name) => fault('query', name, faultOfQuery(name))),
  ];
}

/** The header or parameter of the credential. */
function locationOfCredential(auth: AuthFields): { in: 'header' | 'query' | 'none'; name: string } {
  if (auth.type === 'NONE') return { in: 'none', name: '' };
  const { in: part = 'header', name } = (auth.type === 'API_TOKEN' ? auth : (auth.placement ?? {})) as {
    in?: 'header' | 'query';
    name?: string;
  };
  return { in: part, name: name ?? (part === 'query' ? 'api_key' : 'Authorization') };
}
