import { fittingName } from '@errand/basics/operation-name';
import {
  type Auth,
  type CatalogEntry,
  type CatalogKind,
  type CatalogWay,
  type CreateIntegrationInput,
  type Enable,
  type FixedArguments,
  kindsOf,
  type Rules,
  type Variable,
  type Variables,
  variablesIn,
} from '@errand/contracts';
import { invalidField } from '../problems.ts';
import { chooseAuth } from './choose-way.ts';

/** The input of a registration with all fields, from an entry of the catalogue or from the owner alone. */
export type CompleteInput = Omit<CreateIntegrationInput, 'name' | 'kind' | 'auth' | 'enable' | 'catalog'> & {
  name: string;
  kind: CatalogKind;
  auth?: Auth | undefined;
  enable: Enable;
  /** The effects of the entry. Operations of the entry that are not picked have none. */
  defaultEffects?: CreateIntegrationInput['effects'];
};

/** The input without an entry. @throws ProblemError validation_failed */
export function withoutEntry({
  name,
  kind = 'openapi',
  auth,
  enable = 'reads',
  ...input
}: CreateIntegrationInput): CompleteInput {
  if (name === undefined) throw invalidField('/name', 'Required without catalog.');
  if (auth && !('type' in auth)) throw invalidField('/auth/type', 'Required without catalog.');
  if (enable === 'recommended')
    throw invalidField(
      '/enable',
      'recommended needs catalog: an entry of the catalogue recommends operations. Send reads, all or a list.',
    );
  return { ...input, name, kind, auth, enable };
}

/**
 * The input with the facts of an entry for each field that the owner left out.
 * @throws ProblemError validation_failed if the entry has no such protocol, or takes other credentials
 */
export function applyEntry(entry: CatalogEntry, input: CreateIntegrationInput): CompleteInput {
  const kinds = kindsOf(entry);
  const { catalog: _, kind = kinds[0]!, auth: credentials, enable = 'recommended', ...owner } = input;
  if (!kinds.includes(kind))
    throw invalidField('/kind', `The catalogue has no ${kind === 'mcp' ? 'MCP server' : 'document'} of ${entry.name}.`);
  const { auth, way } = chooseAuth(entry, kind, credentials);
  const facts = kind === 'openapi' ? httpFacts(entry, way, owner) : mcpFacts(entry, owner);
  // Each document of the entry has its own pick.
  const { pick, ...others } = owner;
  const plain = facts.documents ? others : { ...others, ...(pick && { pick }) };
  const complete = { ...plain, ...facts, name: owner.name ?? entry.name, kind, auth };
  return {
    ...complete,
    enable: enable === 'recommended' ? recommendedOf(entry, kind, owner) : enable,
    variables: variablesOf(entry, complete, owner.variables),
  };
}

/** Fields of the input that name the documents. */
const hasSource = ({ document, url, documents, inspectionId }: Partial<CreateIntegrationInput>): boolean =>
  (document ?? url ?? documents ?? inspectionId) !== undefined;

type Owner = Omit<CreateIntegrationInput, 'catalog' | 'kind' | 'auth' | 'enable'>;

type HttpFacts = Partial<Omit<CreateIntegrationInput, 'kind' | 'auth' | 'enable'>> &
  Pick<CompleteInput, 'defaultEffects'>;

/** The fields of an HTTP service, with the values of the owner first. */
function httpFacts(entry: CatalogEntry, way: CatalogWay | undefined, owner: Owner): HttpFacts {
  const nameOf = toolNameOf(entry);
  const { tools } = entry;
  return withoutUndefined({
    ...(hasSource(owner) ? {} : documentsOf(entry, owner.pick)),
    baseUrl: owner.baseUrl ?? way?.baseUrl ?? entry.baseUrl,
    headers: merged(entry.headers, owner.headers),
    query: merged(entry.query, owner.query),
    arguments: mergedArguments(entry, owner.arguments),
    effects: owner.effects,
    defaultEffects: tools.effects && renamed(tools.effects, nameOf),
    rules: merged(rulesOf(entry), owner.rules),
    instructions: owner.instructions ?? tools.instructions,
  });
}

/** The fields of an MCP server. Rules that belong to the HTTP API of the same entry are not its own. */
function mcpFacts(entry: CatalogEntry, owner: Owner): Partial<CreateIntegrationInput> {
  const server = entry.sources.find(({ kind }) => kind === 'mcp');
  const isAlone = !kindsOf(entry).includes('openapi');
  return withoutUndefined({
    url: owner.url ?? server?.url,
    rules: isAlone ? merged(rulesOf(entry), owner.rules) : owner.rules,
    instructions: owner.instructions ?? (isAlone ? entry.tools.instructions : undefined),
  });
}

/** The documents of an entry, as an input has them. */
function documentsOf(
  { sources }: CatalogEntry,
  pick: CreateIntegrationInput['pick'],
): Pick<CreateIntegrationInput, 'document' | 'url' | 'pick' | 'documents'> {
  const documents = sources.flatMap((source) =>
    source.kind === 'openapi'
      ? [
          withoutUndefined({
            url: source.document ? undefined : source.url,
            document: source.document,
            pick: pick ?? source.pick,
          }),
        ]
      : [],
  );
  return documents.length === 1 ? documents[0]! : { documents };
}

/** The tool name of an operation of an entry: the part after the dot. */
const toolNameOf =
  ({ tools: { names = {} } }: CatalogEntry) =>
  (operation: string): string =>
    operation === '*' ? operation : (names[operation] ?? fittingName(operation));

function recommendedOf(entry: CatalogEntry, kind: CatalogKind, owner: Owner): Enable {
  const names = entry.tools.recommended?.map(toolNameOf(entry));
  if (kind === 'mcp') return kindsOf(entry).includes('openapi') ? 'reads' : (names ?? 'reads');
  // The picked operations are the recommended ones.
  if (hasSource(owner) || owner.pick) return owner.pick || owner.documents?.every(({ pick }) => pick) ? 'all' : 'reads';
  return names ?? 'all';
}

/** The fixed arguments of an entry, by the names of tools. */
export const argumentsOf = (entry: CatalogEntry): FixedArguments | undefined =>
  entry.arguments && renamed(entry.arguments, toolNameOf(entry));

function mergedArguments(entry: CatalogEntry, owner: FixedArguments = {}): FixedArguments | undefined {
  const facts = argumentsOf(entry) ?? {};
  const operations = [...new Set([...Object.keys(facts), ...Object.keys(owner)])];
  if (operations.length === 0) return undefined;
  return Object.fromEntries(operations.map((operation) => [operation, { ...facts[operation], ...owner[operation] }]));
}

/** The rules of an entry, by the names of tools. */
export function rulesOf(entry: CatalogEntry): Rules | undefined {
  const { rules } = entry;
  if (!rules) return undefined;
  const nameOf = toolNameOf(entry);
  const { pages, test } = rules;
  return {
    ...rules,
    ...(pages && { pages: renamed(pages, nameOf) }),
    ...(test && { test: { ...test, operation: nameOf(test.operation) } }),
  };
}

/** The variables that the fields of the integration use, with the values of the owner. */
function variablesOf(
  { variables }: CatalogEntry,
  { baseUrl, url, headers, query, arguments: fixed, auth }: Partial<Omit<CompleteInput, 'enable'>>,
  owner: Variables = {},
): Variables | undefined {
  const used = new Set(variablesIn(JSON.stringify([baseUrl, url, headers, query, fixed, auth])));
  const facts = Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(name)));
  const lookedUp = Object.values(facts).flatMap(({ request }) => (request ? variablesIn(request.url) : []));
  for (const name of lookedUp) if (Object.hasOwn(variables, name)) facts[name] = variables[name]!;
  const values = Object.entries(owner).map(([name, value]): [string, string | Variable] => {
    const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
    return [name, typeof value === 'string' && fact ? withValue(fact, value) : value];
  });
  const all = { ...facts, ...Object.fromEntries(values) };
  return Object.keys(all).length > 0 ? all : undefined;
}

/** A variable with one value for all users. */
function withValue({ from: _, path: __, request: ___, ...definition }: Variable, value: string): Variable {
  return { ...definition, value };
}

const renamed = <T>(values: Readonly<Record<string, T>>, nameOf: (operation: string) => string): Record<string, T> =>
  Object.fromEntries(Object.entries(values).map(([operation, value]) => [nameOf(operation), value]));

const merged = <T extends object>(facts: T | undefined, owner: T | undefined): T | undefined =>
  facts && owner ? { ...facts, ...owner } : (owner ?? facts);

export const withoutUndefined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
