// Operations of the contract by their names, and the REST request of a call.
import type { Inputs } from '@errand/client/console';
import routes from './routes.json' with { type: 'json' };

/** Operations that have a REST route: `apiKeys.create`. */
export type OperationName = {
  [G in keyof Inputs & string]: `${G}.${keyof Inputs[G] & string}`;
}[keyof Inputs & string];

export type InputOf<N extends OperationName> = N extends `${infer G extends keyof Inputs & string}.${infer O}`
  ? O extends keyof Inputs[G]
    ? Inputs[G][O]
    : never
  : never;

export type RestRequest = {
  method: string;
  /** With its query, encoded: `/v1/runs?status=FAILED`. */
  path: string;
  /** The members of the JSON body; absent if the operation takes none. */
  body?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
  hasAnswer: boolean;
};

/** The REST request of an operation; undefined if the operation is served to people alone, over tRPC. */
export function requestOf<N extends OperationName>(name: N, input: InputOf<N>): RestRequest | undefined {
  const route = (routes as Readonly<Record<string, string>>)[name.replace(/\.(.)/, (_, first) => first.toUpperCase())];
  if (route === undefined) return undefined;
  const [method = '', pattern = '', status] = route.split(' ');
  const [path = '', query = ''] = pattern.split('?');
  const rest = new Map(Object.entries((input ?? {}) as object).filter(([, value]) => value !== undefined));
  const filled = path.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(take(rest, field))));
  const parameters = query.split(',').flatMap((field) => parametersOf(field, take(rest, field)));
  const search = new URLSearchParams(parameters).toString();
  return {
    method,
    path: search === '' ? filled : `${filled}?${search}`,
    hasAnswer: status !== '204',
    ...(BODILESS.has(method) ? {} : { body: Object.fromEntries(rest) }),
  };
}

const BODILESS: ReadonlySet<string> = new Set(['GET', 'DELETE']);

function take(fields: Map<string, unknown>, name: string): unknown {
  const value = fields.get(name);
  fields.delete(name);
  return value;
}

/** Arrays repeat the parameter; objects are written `name[key]=value`. */
function parametersOf(name: string, value: unknown): [string, string][] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((item) => [name, String(item)]);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).map(([key, item]) => [`${name}[${key}]`, String(item)]);
  return [[name, String(value)]];
}
