// The HTTP side: authentication, validation, translation, answers.
import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { components } from './components.ts';
import type { CrmData } from './data.ts';
import { type CrmDocument, documentOf, type PublicOperation, type PublicParameter } from './document.ts';
import { IdempotencyStore } from './idempotency.ts';
import { type Naming, naming } from './naming.ts';
import { CrmError, type Input, type Operation } from './operation.ts';
import { operations } from './operations.ts';
import { decode, encode } from './payload.ts';
import { ref, resolve } from './schema.ts';
import type { Vocabulary } from './vocabulary.ts';

/** One request to an operation, for tests. */
export type CrmRequest = {
  /** Concept name of the operation, the same under every vocabulary: `listDeals`. */
  readonly operation: string;
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** Set after the answer was sent. */
  status?: number;
  /** Whether the answer is a stored answer for the Idempotency-Key. */
  replayed?: boolean;
};

export type ServiceOptions = {
  readonly token: string;
  readonly data: CrmData;
  readonly vocabulary: Vocabulary;
  readonly requests: CrmRequest[];
  /** Called with each authenticated request before it is processed; a promise delays the request. */
  readonly onRequest?: (request: CrmRequest) => void | Promise<void>;
  /** Wait before each operation, in milliseconds. */
  readonly latencyMs?: number;
};

/** Path prefix of all operations. */
export const BASE_PATH = '/v1';

/** The service, not yet listening, and its document (without `servers`). */
export function crmService(options: ServiceOptions): { app: FastifyInstance; document: CrmDocument } {
  const names = naming(options.vocabulary);
  const document = documentOf(names);
  const app = fastify({ requestTimeout: 10_000, bodyLimit: 256 * 1024, forceCloseConnections: true });
  app.get('/openapi.json', () => document);
  app.register(
    async (api) => {
      api.addHook('onRequest', async ({ headers }) => authenticate(headers.authorization, options.token));
      mount(api, document, names, options);
    },
    { prefix: BASE_PATH },
  );
  app.setNotFoundHandler((_, reply) =>
    fail(reply, 404, { code: 'not_found', message: 'There is no such path or method; see /openapi.json.' }),
  );
  app.setErrorHandler((error, _, reply) => {
    if (error instanceof CrmError) {
      const message = names.prose(error.message).replace('{}', () => error.about.subject ?? '');
      const { path } = error.about;
      const details = path ? [{ path: `/${names.field(path)}`, message }] : undefined;
      if (error.status === 401) reply.header('www-authenticate', 'Bearer');
      return fail(reply, error.status, { code: error.code, message, details });
    }
    const { statusCode: status = 500, message } = error as { statusCode?: number; message: string };
    return status < 500
      ? fail(reply, status, { code: 'invalid_request', message })
      : fail(reply, 500, { code: 'internal', message: 'Something broke on our side.' });
  });
  return { app, document };
}

function mount(api: FastifyInstance, document: CrmDocument, names: Naming, options: ServiceOptions): void {
  const validatorOf = validators(document);
  const idempotencyStore = new IdempotencyStore();
  for (const operation of operations) {
    const { method, id, status } = operation;
    const path = names.path(operation.path);
    const check = validatorOf(document.paths[path]![method.toLowerCase()]!);
    api.route({
      method,
      url: path.replace(/\{(\w+)\}/, ':id'),
      handler: async (request, reply) => {
        const { headers, url, body } = request;
        const entry: CrmRequest = { operation: id, method, url, headers, body };
        options.requests.push(entry);
        reply.raw.once('finish', () => Object.assign(entry, { status: reply.statusCode }));
        await options.onRequest?.(entry);
        if (options.latencyMs) await sleep(options.latencyMs);

        const query = { ...(request.query as Record<string, unknown>) };
        const requestFaults = [...check.query(query), ...check.headers({ ...headers }), ...check.body(body)];
        if (requestFaults.length > 0)
          return fail(reply, 400, {
            code: 'invalid_request',
            message: 'The request is not valid; see details.',
            details: requestFaults,
          });

        const input = decodeInput(operation, names, { id: idOf(request.params), query, body });
        const key = method === 'POST' ? (headers['idempotency-key'] as string | undefined) : undefined;
        const response = idempotencyStore.once(key, id, body, () => ({
          status,
          body: responseBodyOf(operation, names, operation.handle(options.data, input as Input<never, never>)),
        }));
        entry.replayed = response.replayed;
        if (response.replayed) reply.header('idempotent-replayed', 'true');
        return reply.status(response.status).send(response.body);
      },
    });
  }
}

const idOf = (params: unknown) => (params as { id?: string }).id ?? '';

function decodeInput(
  { query: parameters, body: component }: Operation,
  names: Naming,
  { id, query, body }: Input,
): Input {
  return {
    id,
    query: decode(query, { type: 'object', properties: parameters }, names),
    body: component === undefined ? undefined : decode(body, ref(component), names),
  };
}

// Encodes the answer at once, so that a replay contains the row as it was created.
const responseBodyOf = ({ answer }: Operation, names: Naming, value: unknown) =>
  answer === undefined ? undefined : encode(value, resolve(ref(answer), components), names);

type ErrorBody = { code: string; message: string; details?: Fault[] };

const fail = (reply: FastifyReply, status: number, error: ErrorBody) => reply.status(status).send({ error });

function authenticate(authorization: string | undefined, token: string): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`))) return;
  throw new CrmError(401, 'unauthenticated', 'Send the header Authorization: Bearer crm_… with a valid token.');
}

/** One fault of a request; `path` is the parameter or the JSON pointer into the body. */
type Fault = { path: string; message: string };

type Validator = {
  /** Faults of a query string. Fills in defaults and converts numbers, in place. */
  query(value: Record<string, unknown>): Fault[];
  /** Faults of a body, without coercion. */
  body(value: unknown): Fault[];
  /** Faults of the documented headers. */
  headers(value: Record<string, unknown>): Fault[];
};

/** Compiles the schemas of every operation of a document. */
function validators(document: CrmDocument): (operation: PublicOperation) => Validator {
  const lenient = new Ajv({ strict: false, allErrors: true, coerceTypes: true, useDefaults: true });
  const strict = new Ajv({ strict: false, allErrors: true });
  for (const ajv of [lenient, strict]) addFormats.default(ajv);
  // The id lets `#/components/…` inside the document resolve.
  strict.addSchema({ $id: 'crm', components: document.components });
  const bodySchema = (operation: PublicOperation) => {
    const schema = operation.requestBody?.content['application/json'].schema;
    return schema ? { $ref: `crm${schema.$ref}` } : undefined;
  };
  return (operation) => {
    const parametersIn = (location: PublicParameter['in']) =>
      operation.parameters.filter((parameter) => parameter.in === location);
    const query = lenient.compile({ ...parameterSchema(parametersIn('query')), additionalProperties: false });
    const headers = lenient.compile(parameterSchema(parametersIn('header').map(lowerCase)));
    const schema = bodySchema(operation);
    const body = schema && strict.compile(schema);
    return {
      query: (value) => faults(query, value, ''),
      headers: (value) => faults(headers, value, ''),
      body: (value) => (body ? faults(body, value, '/') : []),
    };
  };
}

const lowerCase = (parameter: PublicParameter) => ({ ...parameter, name: parameter.name.toLowerCase() });

const parameterSchema = (parameters: readonly PublicParameter[]) => ({
  type: 'object',
  properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
  required: parameters.filter(({ required }) => required).map(({ name }) => name),
});

const faults = (validate: ValidateFunction, value: unknown, root: '' | '/'): Fault[] =>
  validate(value) ? [] : (validate.errors ?? []).map((error) => fault(error, root));

function fault({ instancePath, params, message = 'is not valid' }: ErrorObject, root: '' | '/'): Fault {
  const propertyName: unknown = params.additionalProperty ?? params.missingProperty;
  const parentPath = instancePath.slice(1);
  const path = propertyName === undefined ? parentPath : [parentPath, propertyName].filter(Boolean).join('/');
  if (params.additionalProperty) return { path: root + path, message: 'is not known here; leave it out' };
  if (params.missingProperty) return { path: root + path, message: 'is required' };
  const allowed = params.allowedValues ? `: ${(params.allowedValues as string[]).join(', ')}` : '';
  return { path: root + path, message: message + allowed };
}
