// The OpenAPI document. The service validates requests by its schemas, so the two cannot differ.
import { components } from './components.ts';
import type { Naming } from './naming.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations.ts';
import { publicSchema } from './payload.ts';
import { ref, type Schema } from './schema.ts';

export type PublicParameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema: Schema;
};

export type PublicOperation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly PublicParameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, unknown>>;
};

type Content = { readonly 'application/json': { readonly schema: Schema; readonly example?: unknown } };

export type CrmDocument = {
  readonly openapi: '3.0.3';
  readonly info: object;
  servers: { url: string; description: string }[];
  readonly security: readonly object[];
  readonly tags: readonly { name: string; description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, PublicOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>>; readonly [kind: string]: unknown };
};

const TAGS: Readonly<Record<string, string>> = {
  Accounts: 'The businesses that buy.',
  Contacts: 'People who work at an account.',
  Users: 'Members of the team, the owners of accounts and deals.',
  Deals: 'What may be sold, or was.',
  Sales: 'What was invoiced.',
  Activities: 'Calls, emails, meetings and tasks.',
  Tickets: 'What accounts ask of support.',
  Products: 'What is sold.',
};

const ERRORS: Readonly<Record<number, string>> = {
  400: 'A parameter or the body is not valid; `details` says which.',
  401: 'The token is missing or wrong.',
  404: 'There is nothing with this id.',
  409: 'The present state does not allow it.',
  422: 'The idempotency key was used before with another body.',
};

/** The document of the service with a vocabulary. `servers` is filled in after the service listens. */
export function documentOf(names: Naming): CrmDocument {
  const paths: Record<string, Record<string, PublicOperation>> = {};
  for (const operation of operations) {
    const path = names.path(operation.path);
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: publicOperation(operation, names) };
  }
  return {
    openapi: '3.0.3',
    info: {
      title: 'Harbor CRM API',
      version: '2.4.0',
      description: names.prose(
        'Accounts, their contacts and deals, sales figures and activities. Amounts are numbers with at most two decimals and exact to the cent. ' +
          'Lists are paged with `limit` and `offset` and say how many entries match in all.',
      ),
      contact: { name: 'Harbor CRM', url: 'https://harbor-crm.example' },
    },
    servers: [],
    security: [{ bearerAuth: [] }],
    tags: Object.entries(TAGS).map(([name, text]) => ({ name: names.prose(name), description: names.prose(text) })),
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(components).map(([name, schema]) => [names.component(name), publicSchema(schema, names)]),
      ),
      responses: Object.fromEntries(
        Object.entries(ERRORS).map(([status, text]) => [
          `Error${status}`,
          { description: names.prose(text), content: json(ref('Error')) },
        ]),
      ),
      securitySchemes: {
        bearerAuth: { type: 'http', scheme: 'bearer', description: 'A token of the form `crm_…`.' },
      },
    },
  };
}

const json = (schema: Schema): Content => ({ 'application/json': { schema } });

const IDEMPOTENCY_KEY: PublicParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes a repeat of the request safe: the same key with the same body gets the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function publicOperation(operation: Operation, names: Naming): PublicOperation {
  const { id, path, tag, summary, description, query, requiredQuery, body, status, answer } = operation;
  const creates = operation.method === 'POST';
  const noun = tag.toLowerCase();
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(
    ([, name = '']): PublicParameter => ({
      name: names.field(name),
      in: 'path',
      required: true,
      description: names.prose(`Id, as the list of ${noun} gives it.`),
      schema: { type: 'string', minLength: 1 },
    }),
  );
  const inQuery = Object.entries(query).map(([name, schema]): PublicParameter => {
    const { description, example, ...rest } = publicSchema(schema, names);
    return {
      name: names.field(name),
      in: 'query',
      required: requiredQuery.includes(name),
      description,
      example,
      schema: rest,
    };
  });
  const success = { description: SUCCESS[status], ...(answer && { content: json(publicSchema(ref(answer), names)) }) };
  const errors = [400, 401, ...operation.errors, ...(creates ? [422] : [])];
  return {
    operationId: names.operation(id),
    tags: [names.prose(tag)],
    summary: names.summary(summary),
    description: names.prose(description),
    parameters: [...inPath, ...inQuery, ...(creates ? [IDEMPOTENCY_KEY] : [])],
    ...(body && { requestBody: { required: true, content: json(publicSchema(ref(body), names)) } }),
    responses: {
      [status]: success,
      ...Object.fromEntries(errors.map((code) => [code, { $ref: `#/components/responses/Error${code}` }])),
    },
  };
}

const SUCCESS = { 200: 'What was asked for.', 201: 'What was made.', 204: 'Done; there is no body.' } as const;
