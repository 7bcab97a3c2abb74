import { readFileSync } from 'node:fs';
import { Auth, CreateIntegrationInput, Variables } from '@errand/contracts';
import type { Figures, Scenario } from './figures.ts';

export const knobs: Scenario = {
  name: 'knobs',
  goal: { covered: '>= 326 of the 343 providers of the list of 29 November 2026' },
};

/** The needs of providers by their names, and the needs of each group of settings. */
type Providers = { needs: Record<string, string[]>; knobGroups: Record<string, string[]> };

/** The fields of the contract that serve a group: paths in the input of an integration; `path=value` for a value that a field accepts. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pkce: ['auth.pkce=off'],
  variables: ['variables', ...['user', 'tokenAnswer', 'callback', 'lookup'].map((from) => `variables.*.from=${from}`)],
  headers: ['headers', 'query', 'auth.tokenRequest.headers'],
  token: ['auth.tokenRequest.body=json', 'auth.tokenRequest.parameters', 'auth.tokenRequest.refreshUrl'],
  scopeSeparator: ['auth.scopeSeparator=,', 'auth.scopeSeparator=+'],
  rename: ['auth.rename.client_id', 'auth.rename.code', 'auth.rename.scope'],
  placement: ['auth.placement.in=header', 'auth.placement.name'],
  answer: ['auth.tokenAnswer.path', 'auth.tokenAnswer.lifetimeSeconds'],
  clientAuthentication: ['auth.clientAuthentication=secret_as_user'],
  exchange: ['auth.exchange.url', 'auth.exchange.parameters'],
};
/** A need of the group `rename` that no field serves: URLs that must not be encoded. */
const UNSERVED = new Set(['odd_url']);

/**
 * The providers that the fields of OAUTH2 in the contract can describe.
 * @param file JSON: `{"needs": {"provider": ["need", …]}, "knobGroups": {"group": ["need", …]}}`
 * @param print writes a line for each provider that is left
 */
export function measureKnobs(file: string | undefined, print: (line: object) => void): Figures {
  if (file === undefined) throw new Error('Name a file with the needs of providers by --file PATH.');
  const { needs, knobGroups } = JSON.parse(readFileSync(file, 'utf8')) as Providers;
  const served = Object.keys(knobGroups).filter((group) => FIELDS[group]?.every(isDeclared));
  const have = new Set(served.flatMap((group) => knobGroups[group]!).filter((need) => !UNSERVED.has(need)));
  let covered = 0;
  for (const [provider, ofProvider] of Object.entries(needs)) {
    const missing = ofProvider.filter((need) => !have.has(need));
    if (missing.length === 0) covered++;
    else print({ provider, missing });
  }
  const total = Object.keys(needs).length;
  const unserved = Object.keys(knobGroups).filter((group) => !served.includes(group));
  return { covered, total, text: `covered ${covered} of ${total}`, groups: served.length, unserved };
}

/** What a schema of zod is made of, as far as fields are concerned. */
type Schema = {
  def: {
    type: string;
    innerType?: Schema;
    options?: readonly Schema[];
    keyType?: Schema;
    valueType?: Schema;
    entries?: Readonly<Record<string, string>>;
  };
  shape?: Readonly<Record<string, Schema>>;
};

const oauth = Auth.options.find(({ shape }) => shape.type.value === 'OAUTH2') as unknown as Schema;

/** Whether the contract has a field, and accepts the value of it. */
function isDeclared(field: string): boolean {
  const [path = '', value] = field.split('=');
  const [first, ...rest] = path.split('.');
  const start =
    first === 'auth' ? oauth : first === 'variables' ? (Variables as unknown as Schema) : inputField(first!);
  const schema = rest.reduce<Schema | undefined>(memberOf, start);
  if (!schema || value === undefined) return schema !== undefined;
  return Object.values(plain(schema).def.entries ?? {}).includes(value);
}

const inputField = (name: string): Schema | undefined =>
  (CreateIntegrationInput as unknown as Schema).shape?.[name] as Schema | undefined;

/** Without `optional` and `default`. */
const plain = (schema: Schema): Schema => (schema.def.innerType ? plain(schema.def.innerType) : schema);

function memberOf(schema: Schema | undefined, name: string): Schema | undefined {
  if (!schema) return undefined;
  const { shape, def } = plain(schema);
  if (def.type === 'union') return def.options?.map((option) => memberOf(option, name)).find(Boolean);
  if (def.type !== 'record') return shape?.[name];
  const keys = def.keyType?.def.entries;
  return name === '*' || keys === undefined || Object.values(keys).includes(name) ? def.valueType : undefined;
}
