// The documents of stand-ins: the operations that an entry picks, with parameters for its fixed arguments.
import { readFileSync } from 'node:fs';
import { type CatalogEntry, pickedOperations } from '@errand/contracts';

export type StandInOperation = { operation: string; id: string; method: string; path: string };
type OpenApiSource = Extract<CatalogEntry['sources'][number], { kind: 'openapi' }>;

/** Method and path of operations that entries name by their ids. */
const OPERATIONS = JSON.parse(readFileSync(new URL('operations.json', import.meta.url), 'utf8')) as Record<
  string,
  Record<string, string>
>;
const HEADER = /-Version$/;

/** The operations of a source that has a document at a URL. */
export function operationsOf(entry: CatalogEntry, source: OpenApiSource): StandInOperation[] {
  return pickedOperations(source).map((operation) => {
    const [method = '', path = ''] = (OPERATIONS[entry.id]?.[operation] ?? operation).split(' ');
    const isId = operation in (OPERATIONS[entry.id] ?? {});
    return { operation, id: isId ? operation : `${method.toLowerCase()}-${path}_call`, method, path };
  });
}

/** A document as a vendor writes it: its server is a placeholder, and it declares what the entry fixes. */
export function documentOf(entry: CatalogEntry, source: OpenApiSource): object {
  const isSwagger = source.format === 'swagger2';
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operationsOf(entry, source)) {
    const item = paths[operation.path] ?? {};
    paths[operation.path] = item;
    item[operation.method.toLowerCase()] = isSwagger
      ? swaggerOperation(operation, parametersOf(entry, operation))
      : openApiOperation(operation, parametersOf(entry, operation));
  }
  const info = { title: `${entry.name} API`, version: '1' };
  if (isSwagger) return { swagger: '2.0', info, host: 'your-domain.example.com', schemes: ['https'], paths };
  return { openapi: '3.0.3', info, servers: [{ url: 'https://your-domain.example.com' }], paths };
}

type Parameter = { name: string; in: 'path' | 'query' | 'header'; required: boolean };

function parametersOf(
  { arguments: fixed = {}, rules }: CatalogEntry,
  { operation, path }: StandInOperation,
): Parameter[] {
  const tested = rules?.test?.operation === operation ? rules.test.arguments?.query : undefined;
  const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!);
  const others = Object.keys({ ...fixed['*'], ...fixed[operation], ...(tested as object) }).filter(
    (name) => !inPath.includes(name),
  );
  return [
    ...inPath.map((name) => ({ name, in: 'path' as const, required: true })),
    // Parameters of paths that this operation does not have.
    ...others
      .filter((name) => !/^(AccountSid|userId)$/.test(name))
      .map((name) => ({
        name,
        in: HEADER.test(name) ? ('header' as const) : ('query' as const),
        required: name === 'token' || name === 'fields',
      })),
  ];
}

const isWrite = (method: string): boolean => !['GET', 'DELETE'].includes(method);
const responses = { 200: { description: 'Done' } };

function openApiOperation({ id, method }: StandInOperation, parameters: Parameter[]): object {
  const schema = { type: 'object', properties: { text: { type: 'string' } } };
  return {
    operationId: id,
    summary: id,
    parameters: parameters.map((parameter) => ({ ...parameter, schema: {} })),
    ...(isWrite(method) && { requestBody: { content: { 'application/json': { schema } } } }),
    responses: { 200: { ...responses[200], content: { 'application/json': { schema: { type: 'object' } } } } },
  };
}

function swaggerOperation({ id, method }: StandInOperation, parameters: Parameter[]): object {
  const text = { name: 'text', in: 'formData', type: 'string', required: false };
  return {
    operationId: id,
    summary: id,
    ...(isWrite(method) && { consumes: ['application/x-www-form-urlencoded'] }),
    produces: ['application/json'],
    parameters: [
      ...parameters.map((parameter) => ({ ...parameter, type: 'string' })),
      ...(isWrite(method) ? [text] : []),
    ],
    responses: { 200: { ...responses[200], schema: { type: 'object' } } },
  };
}
