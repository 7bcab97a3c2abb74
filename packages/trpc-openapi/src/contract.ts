// The part of the package that runs in browsers: operations, and the type of the tRPC router of a contract.
import type {
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server';

/** Bound schemas structurally: `extends z.ZodType` instantiates five times as many types at 200 procedures. */
// biome-ignore lint/suspicious/noExplicitAny: a structural bound must accept every schema
type Schema = { readonly _zod: { readonly input: any; readonly output: any } };

export type OperationKind = 'query' | 'mutation' | 'subscription';
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * The REST route of an operation. Every input field that is not a path or header parameter is a query parameter
 * (GET, DELETE) or a member of the JSON body (POST, PUT, PATCH).
 */
export type HttpRoute = {
  readonly method: Method;
  /** `/v1/runs/{runId}`: each `{name}` is a field of the input. */
  readonly path: `/${string}`;
  /** Status of success; default 200. 204 sends no body. */
  readonly status?: number;
  readonly tag?: string;
  readonly summary?: string;
  readonly description?: string;
  /** Description of the successful answer (document only). */
  readonly success?: string;
  /** Headers of the successful answer: name → description (document only). */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** Header parameters: header name → input field, e.g. `{ 'Idempotency-Key': 'idempotencyKey' }`. Headers win over the query. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `true` marks the operation as deprecated in the document. */
  readonly deprecated?: boolean;
  /** Body limit in bytes where it differs from the server's. */
  readonly bodyLimit?: number;
  /** Names of input fields that travel in the query though the method has a body. */
  readonly query?: readonly string[];
  /** Another form of the successful answer, which the handler sends as `body` of `reply` (document only). */
  readonly otherOutput?: Schema;
};

/** Fields that an input does not have any more. A call that sends one gets this message and remedy. */
export type FormerFields = { readonly names: readonly string[]; readonly message: string; readonly remedy: string };

const formerFields = new WeakMap<object, FormerFields>();

/** @param schema of the whole input; schemas that are derived from it do not know the fields */
export function withFormerFields<S extends object>(schema: S, fields: FormerFields): S {
  formerFields.set(schema, fields);
  return schema;
}

export const formerFieldsOf = (schema: object): FormerFields | undefined => formerFields.get(schema);

export type Operation<K extends OperationKind = OperationKind, I extends Schema = Schema, O extends Schema = Schema> = {
  readonly kind: K;
  readonly input: I;
  readonly output: O;
  /** Codes of the expected errors, from the error table given to the adapter. `validation_failed` is always one of them. */
  readonly errors: readonly string[];
  /** The permission that a caller must have; `null` if none is needed. */
  readonly scope: string | null;
  /** A second permission that the caller needs, because the answer contains data of other callers. */
  readonly readScope?: string;
  /** The kind of callers, where it is not the usual one of the contract. The authorisation hook gives it a meaning. */
  readonly callers?: string;
  /** Absent: served over tRPC alone. */
  readonly http?: HttpRoute;
};

/** `GET /v1/runs/{runId}`, and the other members of an `HttpRoute`. */
type HttpSpec = Omit<HttpRoute, 'method' | 'path'> & { readonly route: `${Method} ${HttpRoute['path']}` };

type OperationSpec<I, O> = {
  input: I;
  output: O;
  scope: string | null;
  readScope?: string;
  callers?: string;
  errors?: readonly string[];
  http?: HttpSpec;
};

const defineOperation =
  <K extends OperationKind>(kind: K) =>
  <I extends Schema, O extends Schema>({ http, ...spec }: OperationSpec<I, O>): Operation<K, I, O> => ({
    errors: [],
    ...spec,
    kind,
    ...(http && { http: toHttpRoute(http) }),
  });

function toHttpRoute({ route, ...http }: HttpSpec): HttpRoute {
  const [method, path] = route.split(' ') as [Method, HttpRoute['path']];
  return { method, path, ...http };
}

/** An operation that only reads. */
export const query = defineOperation('query');
/** An operation that changes something. */
export const mutation = defineOperation('mutation');
/** A stream: the handler yields `tracked(id, item)`; `output` is the schema of one item. Over REST it is SSE. */
export const subscription = defineOperation('subscription');

/** Gives the REST routes of operations a tag, by which the document groups them. */
export const withTag = <C extends Readonly<Record<string, Operation>>>(tag: string, operations: C): C =>
  Object.fromEntries(
    Object.entries(operations).map(([name, op]) => [name, op.http ? { ...op, http: { tag, ...op.http } } : op]),
  ) as C;

/** A tree of operations; the keys are the tRPC path. */
export type Contract = { readonly [name: string]: Operation | Contract };

type InputOf<S> = S extends Schema ? S['_zod']['input'] : never;
export type OutputOf<S> = S extends Schema ? S['_zod']['output'] : never;
export type AnyOperation = { kind: OperationKind; input: unknown; output: unknown };

type ProcedureOf<T extends AnyOperation> = T['kind'] extends 'query'
  ? TRPCQueryProcedure<{ input: InputOf<T['input']>; output: OutputOf<T['output']>; meta: unknown }>
  : T['kind'] extends 'mutation'
    ? TRPCMutationProcedure<{ input: InputOf<T['input']>; output: OutputOf<T['output']>; meta: unknown }>
    : TRPCSubscriptionProcedure<{
        input: InputOf<T['input']>;
        // biome-ignore lint/suspicious/noExplicitAny: tRPC leaves the return type of the iterator open
        output: AsyncIterable<{ id: string; data: OutputOf<T['output']> }, void, any>;
        meta: unknown;
      }>;

type ProceduresOf<C> = { [K in keyof C]: C[K] extends AnyOperation ? ProcedureOf<C[K]> : ProceduresOf<C[K]> };

/** The shape of errors over tRPC: tRPC's own shape, and the problem document of REST. */
export type ErrorShape = {
  message: string;
  code: number;
  data: { code: string; httpStatus: number; path?: string; problem: Problem };
};

/** The tRPC router type of a contract. It types a client without any code of the server. */
export type RouterOf<C> = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape; transformer: false },
  ProceduresOf<C>
>;

/** Facts about an error. */
export type ProblemValues = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** RFC 9457 problem document. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  /** Says what is wrong, for people. */
  detail?: string;
  /** Says what a developer should do. */
  remedy?: string;
  instance?: string;
  /** Stable word from the contract's error table. */
  code: string;
  errors?: { pointer: string; message: string }[];
  /** Facts for a caller that words the error itself, by name. */
  values?: ProblemValues;
  /** Members of one code. */
  [member: string]: unknown;
};

/** The contract's error table: code → HTTP status, title, and the default remedy. */
export type ErrorTable = Readonly<
  Record<string, { readonly status: number; readonly title: string; readonly remedy?: string | undefined }>
>;

/** An expected error. Handlers throw it; REST answers it as a problem document, tRPC in `data.problem`. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /**
   * @param code of the error table
   * @param detail the fault, as one sentence for people
   * @param options `remedy` says what a developer should do; `errors` name the parts of the input at fault by JSON pointer; `members` are added to the document (RFC 9457 §3.2);
   *   `headers` are added to the REST answer
   */
  constructor(
    readonly code: string,
    readonly detail?: string,
    readonly options: {
      remedy?: string;
      errors?: { pointer: string; message: string }[];
      /** Facts for a caller that words the error itself, by name. An undefined one is left out. */
      values?: ProblemValues;
      members?: Readonly<Record<string, string>>;
      headers?: Record<string, string>;
      cause?: unknown;
    } = {},
  ) {
    super(detail ?? code, { cause: options.cause });
  }
}

/** Every operation of a contract with its dotted name, in the order in which it is written. */
export function operations(contract: Contract, prefix = ''): { name: string; op: Operation }[] {
  return Object.entries(contract).flatMap(([key, value]) =>
    isOperation(value) ? [{ name: prefix + key, op: value }] : operations(value, `${prefix}${key}.`),
  );
}

export const isOperation = (value: Operation | Contract): value is Operation => typeof value.kind === 'string';
