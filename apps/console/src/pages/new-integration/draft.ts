// An integration before it is registered, and the registration that it makes.
import type { Inputs, Outputs } from '@errand/client/console';
import {
  type Access,
  type AuthField,
  type AuthInput,
  type AuthType,
  authOf,
  type CreateInput,
  credentialsOf,
  fieldsOf,
  hasGiver,
} from './auth-fields.ts';

export type Inspection = Outputs['integrations']['inspect'];
export type InspectInput = Inputs['integrations']['inspect'];
export type Service = Outputs['catalog']['get'];
export type Kind = 'openapi' | 'mcp';

/** What a person typed to find a service. It stays while the page is open. */
export type SourceForm = {
  url: string;
  baseUrl: string;
  /** Beginnings of the paths of the wanted operations, separated by spaces. */
  paths: string;
  file: File | undefined;
  mcpUrl: string;
  token: string;
  trustHints: boolean;
};

export const EMPTY_FORM: SourceForm = {
  url: '',
  baseUrl: '',
  paths: '',
  file: undefined,
  mcpUrl: '',
  token: '',
  trustHints: false,
};

export type Source =
  | { from: 'catalog'; service: Service; kind: Kind }
  | { from: 'inspection'; inspection: Inspection; input: InspectInput; fileName?: string };

/** A variable of the addresses: its value, or empty if each user gives it. */
export type VariableDraft = { isOfUsers: boolean; value: string };

export type Draft = {
  source: Source;
  name: string;
  /** Where calls go, if not where the document says. `{name}` stands for a variable. */
  baseUrl: string;
  access: Access;
  variables: Readonly<Record<string, VariableDraft>>;
  /** Whether calls carry the trace id of their errand. */
  traceparent: boolean;
};

export const kindOf = (source: Source): Kind =>
  source.from === 'catalog' ? source.kind : (source.input.kind ?? 'openapi');

/** The credential that a service asks for. An MCP server that was read without one takes a token, but needs none. */
export const suggestedAuth = ({ inspection: { auth }, input }: Source & { from: 'inspection' }): AuthType =>
  input.kind === 'mcp' && auth.type === 'API_TOKEN' && !input.auth ? 'NONE' : auth.type;

/** @param token with which the tools of an MCP server were read */
export function draftOfInspection(source: Source & { from: 'inspection' }, token = ''): Draft {
  const { name } = source.inspection;
  const hasToken = token !== '';
  return {
    source,
    name: name.slice(0, MAX_NAME),
    baseUrl: source.input.baseUrl ?? '',
    access: { type: hasToken ? 'API_TOKEN' : suggestedAuth(source), giver: 'owner', values: hasToken ? { token } : {} },
    variables: {},
    traceparent: false,
  };
}

export const MAX_NAME = 100;

export function draftOfService(service: Service, kind: Kind): Draft {
  const [way] = waysOf(service, kind);
  return {
    source: { from: 'catalog', service, kind },
    name: service.name,
    baseUrl: '',
    access: { type: way?.type ?? 'NONE', way: way?.title, giver: 'owner', values: {} },
    variables: Object.fromEntries(
      askedVariables(service).map(({ name, from }) => [name, { isOfUsers: from === 'user', value: '' }]),
    ),
    traceparent: false,
  };
}

export const waysOf = ({ auth }: Service, kind: Kind) => auth.filter((way) => way.kind === kind);

/** The variables of a service that people give; the others come from its authorization server. */
export const askedVariables = ({ variables }: Service) =>
  variables.filter(({ from = 'owner' }) => from === 'owner' || from === 'user');

const PART = /\{([A-Za-z_]\w{0,63})\}/g;

/** The names of the variables in an address. */
export const variablesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(PART)].map(([, name = '']) => name)),
];

/** The chosen way of the catalogue. */
const wayOf = ({ access }: Draft, { service, kind }: Source & { from: 'catalog' }) =>
  waysOf(service, kind).find(({ type, title }) => type === access.type && title === access.way);

/** The fields to fill in; for a service of the catalogue the fields of the chosen way. */
export function fieldsOfDraft(draft: Draft): readonly AuthField[] {
  const fields = fieldsOf(draft.access);
  if (draft.source.from !== 'catalog') return fields;
  const names = wayOf(draft, draft.source)?.fields ?? [];
  return fields.filter(({ name }) => names.includes(name));
}

type Options = {
  /** For a program: secrets are replaced by their names, and documents by a description. */
  isProgram?: boolean;
  now?: number;
};

/** The registration of a draft. */
export function createInput(draft: Draft, { isProgram = false, now = Date.now() }: Options = {}): CreateInput {
  const { source, name, baseUrl, traceparent } = draft;
  const auth = source.from === 'catalog' ? catalogAuthOf(draft, isProgram) : inspectedAuthOf(draft, isProgram);
  const variables = variablesOf(draft, isProgram);
  return {
    name: name.trim(),
    ...sourceFieldsOf(source, isProgram, now),
    ...(baseUrl.trim() !== '' && kindOf(source) === 'openapi' && { baseUrl: baseUrl.trim() }),
    ...(auth && { auth }),
    ...(Object.keys(variables).length > 0 && { variables }),
    // The service adds this to the rules of the catalogue.
    ...(traceparent && { rules: { traceparent } }),
  };
}

function sourceFieldsOf(source: Source, isProgram: boolean, now: number): Partial<CreateInput> {
  if (source.from === 'catalog') {
    const { service, kind } = source;
    return { catalog: service.catalog, ...(service.kinds.length > 1 && { kind }) };
  }
  const { inspection, input, fileName } = source;
  const { inspectionId, expiresAt } = inspection;
  const isStored = inspectionId !== undefined && expiresAt !== undefined && Date.parse(expiresAt) > now;
  if (isStored && !isProgram) return { inspectionId };
  const { kind, url, document, pick, trustHints } = input;
  return {
    ...(kind && { kind }),
    ...(url !== undefined && { url }),
    ...(document !== undefined && { document: isProgram ? `<the text of ${fileName}>` : document }),
    ...(pick && { pick }),
    ...(trustHints && { trustHints }),
  };
}

function inspectedAuthOf({ access, source }: Draft, isProgram: boolean): AuthInput | undefined {
  const auth = authOf(access, isProgram);
  const isPlain = Object.keys(auth).length === 1;
  // An MCP server itself says where its users consent.
  return isPlain && access.type === 'OAUTH2' && kindOf(source) === 'mcp' ? undefined : auth;
}

function catalogAuthOf(draft: Draft, isProgram: boolean): AuthInput | undefined {
  const { way, values } = draft.access;
  const auth = { ...(way !== undefined && { way }), ...credentialsOf(fieldsOfDraft(draft), values, isProgram) };
  return Object.keys(auth).length === 0 ? undefined : auth;
}

function variablesOf({ source, baseUrl, variables }: Draft, isProgram: boolean): NonNullable<CreateInput['variables']> {
  if (source.from === 'catalog') {
    const asked = askedVariables(source.service).flatMap(({ name, secret }): [string, string][] => {
      const { value = '', isOfUsers = false } = variables[name] ?? {};
      if (isOfUsers || value === '') return [];
      return [[name, secret && isProgram ? `<${name}>` : value]];
    });
    return Object.fromEntries(asked);
  }
  const named = kindOf(source) === 'openapi' ? variablesIn(baseUrl) : [];
  return Object.fromEntries(
    named.map((name) => {
      const { isOfUsers = false, value = '' } = variables[name] ?? {};
      return [name, isOfUsers ? { title: name, from: 'user' as const } : value];
    }),
  );
}

/** Why a draft cannot be registered yet. @returns a sentence, or undefined */
export function missingIn(draft: Draft): string | undefined {
  if (draft.name.trim() === '') return 'Give it a name.';
  const { values } = draft.access;
  const empty = fieldsOfDraft(draft).find(({ name, isRequired }) => isRequired && (values[name] ?? '').trim() === '');
  return empty && `Fill in: ${empty.label}.`;
}

/** The access of a person's choice: fields that both ways have keep their values. */
export const withType = (access: Access, type: AuthType, way?: string): Access => ({
  ...access,
  type,
  way,
  giver: hasGiver(type) ? access.giver : 'owner',
});
