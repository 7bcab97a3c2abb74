// The rules for entries, beyond their schema. The guard `catalog` checks the packed entries, and the service the entries of its operator.
import {
  CatalogEntry,
  entryTexts,
  expandTemplate,
  recommendedOperations,
  type Variable,
  variablesIn,
} from '@errand/contracts';

export type EntryFile = { name: string; text: string };

const MAX_BYTES = 12 * 1024;
const MAX_TEXT = 400;
const MAX_RECOMMENDED = 25;
const OUTDATED_DAYS = 180;
const DAY_MS = 86_400_000;
const PLACEHOLDER = /your-?domain|example|localhost|\.local\b|hostname|[{}]/i;
/** The fields that are facts about the service. */
const FACTS = ['sources', 'variables', 'baseUrl', 'headers', 'query', 'arguments', 'auth', 'tools', 'rules'] as const;

/**
 * @param options isOwn: an entry of the operator, which needs no sources and may have hosts of tests
 * @returns the faults of an entry, as sentences
 */
export function entryFaults(file: EntryFile, options: { isOwn?: boolean } = {}): string[] {
  const size = Buffer.byteLength(file.text);
  if (size > MAX_BYTES) return [`It has ${size} bytes; at most ${MAX_BYTES} are allowed.`];
  let json: unknown;
  try {
    json = JSON.parse(file.text);
  } catch (error) {
    return [`It is not JSON: ${(error as Error).message}.`];
  }
  const parsed = CatalogEntry.safeParse(json);
  if (!parsed.success)
    return parsed.error.issues.slice(0, 10).map(({ path, message }) => `/${path.join('/')}: ${message}`);
  const entry = parsed.data;
  return [
    ...(file.name === `${entry.id}.json` ? [] : [`Its file must be called ${entry.id}.json.`]),
    ...longTexts(json, ''),
    ...authFaults(entry),
    ...variableFaults(entry),
    ...operationFaults(entry),
    ...(options.isOwn ? [] : [...hostFaults(entry), ...sourceFaults(entry)]),
  ];
}

/** Whether the facts of an entry were checked too long ago. */
export const isOutdated = ({ checked }: Pick<CatalogEntry, 'checked'>, now: Date): boolean =>
  now.getTime() - Date.parse(checked) > OUTDATED_DAYS * DAY_MS;

function longTexts(value: unknown, path: string): string[] {
  if (typeof value === 'string')
    return value.length > MAX_TEXT ? [`${path} has more than ${MAX_TEXT} characters.`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => longTexts(member, `${path}/${key}`));
}

function authFaults({ sources, auth }: CatalogEntry): string[] {
  const isHttp = sources.some(({ kind }) => kind === 'openapi');
  if (isHttp && auth.length === 0) return ['/auth must have a way to authenticate.'];
  if (!isHttp && auth.length > 0) return ['/auth belongs to the source of an MCP server.'];
  return [];
}

function variableFaults(entry: CatalogEntry): string[] {
  const used = new Set(entryTexts(entry).flatMap(variablesIn));
  const undeclared = [...used].filter((name) => !Object.hasOwn(entry.variables, name));
  const unused = Object.keys(entry.variables).filter((name) => !used.has(name));
  return [
    ...undeclared.map((name) => `{${name}} is not declared in /variables.`),
    ...unused.map((name) => `The variable ${name} is not used.`),
  ];
}

/** A value for checks. */
const sampleOf = ({ default: value, example, enum: values }: Variable): string | undefined =>
  example ?? value ?? values?.[0];

function hostFaults(entry: CatalogEntry): string[] {
  const samples = Object.entries(entry.variables).flatMap(([name, variable]) => {
    const sample = sampleOf(variable);
    return sample === undefined ? [] : [[name, sample] as const];
  });
  const urls = entryTexts(entry).filter((text) => /^(https?:|\{)/.test(text) && /[:}]/.test(text));
  return urls.flatMap((template) => {
    const url = expandTemplate(template, Object.fromEntries(samples));
    if (url === undefined) return [`${template} has a variable without default, example and enum.`];
    if (!/^[a-z]+:/.test(url)) return [];
    if (!url.startsWith('https://')) return [`${url} must begin with https.`];
    return PLACEHOLDER.test(new URL(url).host) ? [`${url} has a placeholder as its host.`] : [];
  });
}

function operationFaults(entry: CatalogEntry): string[] {
  const recommended = recommendedOperations(entry);
  const isKnown = (operation: string) => operation === '*' || recommended.includes(operation);
  const { tools, rules, sources } = entry;
  const named = {
    '/tools/names': Object.keys(tools.names ?? {}),
    '/tools/effects': Object.keys(tools.effects ?? {}),
    '/arguments': Object.keys(entry.arguments ?? {}),
    '/rules/pages': Object.keys(rules?.pages ?? {}),
    '/rules/test': rules?.test ? [rules.test.operation] : [],
  };
  const isHttp = sources.some(({ kind }) => kind === 'openapi');
  return [
    ...(recommended.length > MAX_RECOMMENDED ? [`It recommends more than ${MAX_RECOMMENDED} operations.`] : []),
    ...(isHttp && recommended.length === 0 ? ['No source picks operations.'] : []),
    ...Object.entries(named).flatMap(([path, operations]) =>
      operations.filter((operation) => !isKnown(operation)).map((operation) => `${path}: ${operation} is not picked.`),
    ),
  ];
}

function sourceFaults(entry: CatalogEntry): string[] {
  const facts = FACTS.filter((name) => {
    const value = entry[name];
    return value !== undefined && Object.keys(value).length > 0;
  });
  const isFact = (name: string) => (FACTS as readonly string[]).includes(name);
  return [
    ...facts
      .filter((name) => !Object.hasOwn(entry.source, name) && !entry.unverified.includes(name))
      .map((name) => `/${name} has no source, and is not named in /unverified.`),
    ...[...Object.keys(entry.source), ...entry.unverified]
      .filter((name) => !isFact(name))
      .map((name) => `${name} of /source or /unverified is no field with facts.`),
  ];
}
