// Validates requests by the schemas of the document.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { CrmDocument, PublicOperation, PublicParameter } from './document.ts';

/** One fault of a request; `path` is the parameter or the JSON pointer into the body. */
export type Fault = { path: string; message: string };

export type Validator = {
  /** Faults of a query string. Fills in defaults and converts numbers, in place. */
  query(value: Record<string, unknown>): Fault[];
  /** Faults of a body, without coercion. */
  body(value: unknown): Fault[];
  /** Faults of the documented headers. */
  headers(value: Record<string, unknown>): Fault[];
};

/** Compiles the schemas of every operation of a document. */
export function validators(document: CrmDocument): (operation: PublicOperation) => Validator {
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
    const of = (location: PublicParameter['in']) =>
      operation.parameters.filter((parameter) => parameter.in === location);
    const query = lenient.compile({ ...parameterSchema(of('query')), additionalProperties: false });
    const headers = lenient.compile(parameterSchema(of('header').map(lowerCase)));
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
  const named: unknown = params.additionalProperty ?? params.missingProperty;
  const at = instancePath.slice(1);
  const path = named === undefined ? at : [at, named].filter(Boolean).join('/');
  if (params.additionalProperty) return { path: root + path, message: 'is not known here; leave it out' };
  if (params.missingProperty) return { path: root + path, message: 'is required' };
  const allowed = params.allowedValues ? `: ${(params.allowedValues as string[]).join(', ')}` : '';
  return { path: root + path, message: message + allowed };
}
