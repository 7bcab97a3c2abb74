import type { Auth, CatalogCredentials, CatalogEntry, CatalogKind, CatalogWay } from '@errand/contracts';
import { waysOf } from '@errand/contracts';
import { invalidField } from '../problems.ts';

/** The purposes with scopes that are requested by default. */
const DEFAULT_PURPOSES = ['basic', 'read', 'write'];

type Credentials = Omit<CatalogCredentials, 'way' | 'scopes'>;
type Needs = { takes: readonly (keyof Credentials)[]; requires: readonly (keyof Credentials)[] };

/** The fields of the owner for a way. */
export function needsOf(entry: CatalogEntry, kind: CatalogKind, { type }: CatalogWay): Needs {
  const registers =
    kind === 'mcp' && entry.sources.some((source) => 'registration' in source && source.registration === 'dynamic');
  switch (type) {
    case 'NONE':
      return { takes: [], requires: [] };
    case 'API_TOKEN':
      return { takes: ['token'], requires: [] };
    case 'BASIC':
      return { takes: ['user', 'password'], requires: [] };
    case 'OAUTH2':
      return { takes: ['clientId', 'clientSecret'], requires: registers ? [] : ['clientId'] };
    case 'CLIENT_CREDENTIALS':
      return { takes: ['clientId', 'clientSecret'], requires: ['clientId', 'clientSecret'] };
  }
}

export type ChosenAuth = { auth: Auth; way?: CatalogWay };

/**
 * The auth of an integration of the catalogue: the facts of a way, and the credentials of the owner, which have priority.
 * @throws ProblemError validation_failed if no way takes the credentials
 */
export function chooseAuth(
  entry: CatalogEntry,
  kind: CatalogKind,
  input: Auth | CatalogCredentials | undefined,
): ChosenAuth {
  const ways = waysOf(entry, kind);
  if (input && 'type' in input) {
    const way = ways.find(({ type }) => type === input.type);
    return way ? { auth: { ...settingsOf(way, kind), ...input } as Auth, way } : { auth: input };
  }
  const { way: title, scopes, ...credentials } = input ?? {};
  const given = Object.keys(credentials) as (keyof Credentials)[];
  const way = ways.find((candidate) => {
    const { takes, requires } = needsOf(entry, kind, candidate);
    const fits = given.every((field) => takes.includes(field)) && requires.every((field) => given.includes(field));
    return fits && (title === undefined || candidate.title === title);
  });
  if (!way) throw invalidField('/auth', `${entry.name} takes ${describe(entry, kind)}.`);
  return { auth: { ...settingsOf(way, kind), ...credentials, ...(scopes && { scopes }) } as Auth, way };
}

/** The settings of a way, as the auth of an integration has them. */
function settingsOf(way: CatalogWay, kind: CatalogKind): object {
  const { title: _, baseUrl: __, scopes, ...settings } = way;
  if (way.type !== 'OAUTH2' && way.type !== 'CLIENT_CREDENTIALS')
    return 'pattern' in settings ? withoutPattern(settings) : settings;
  const requested = DEFAULT_PURPOSES.flatMap((purpose) => scopes?.[purpose] ?? []);
  // Without scopes, an MCP server names the required ones; a document would name the scopes of all its operations.
  return scopes || kind === 'openapi' ? { ...settings, scopes: [...new Set(requested)] } : settings;
}

function withoutPattern({ pattern: _, ...settings }: { pattern?: string | undefined }): object {
  return settings;
}

function describe(entry: CatalogEntry, kind: CatalogKind): string {
  const forms = waysOf(entry, kind).map((way) => {
    const { takes } = needsOf(entry, kind, way);
    const fields = takes.length === 0 ? 'no fields' : takes.join(' and ');
    return way.title === undefined ? fields : `${fields} (${way.title})`;
  });
  return forms.join(', or ');
}
