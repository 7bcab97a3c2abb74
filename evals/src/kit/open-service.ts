import { carryOut } from './operations.ts';
import { Refusal } from './refusal.ts';
import { schemaFault } from './schema-fault.ts';
import type { DocumentOperation, Parameter, Row, ServiceData } from './service-data.ts';

export type ServiceRequest = {
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  body?: unknown;
};
export type ServiceAnswer = { status: number; body?: unknown };

export type OpenedService = { respond(request: ServiceRequest): Promise<ServiceAnswer> };

/** @returns the service with fresh rows: it keeps what is written to it until it is thrown away */
export function openService(service: ServiceData): OpenedService {
  const tables = structuredClone(service.rows);
  return {
    async respond(request) {
      const matched = operationOf(service, request);
      if (!matched) return { status: 404, body: { error: `No operation for ${request.method} ${request.path}` } };
      const { documented, path } = matched;
      const operation = service.operations[documented.operationId];
      if (!operation) return { status: 501, body: { error: `${documented.operationId} is not served` } };
      try {
        const body = bodyOf(documented, request.body);
        const args = { ...queryOf(documented, request.query), ...body, ...path };
        const answer = await carryOut({ service, operation, tables, args, body });
        return answered(documented, answer);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { status: error.status, body: { error: error.message } };
      }
    },
  };
}

type Matched = { documented: DocumentOperation; path: Record<string, string> };

/** The operation of a request; a path without parameters comes before one with them. */
function operationOf({ document }: ServiceData, { method, path }: ServiceRequest): Matched | undefined {
  return Object.entries(document.paths)
    .flatMap(([template, methods]) => {
      const documented = methods[method.toLowerCase()];
      const names = documented && parametersOf(template, path);
      return documented && names ? [{ documented, path: names }] : [];
    })
    .sort((a, b) => Object.keys(a.path).length - Object.keys(b.path).length)[0];
}

function parametersOf(template: string, path: string): Record<string, string> | undefined {
  const [expected, parts] = [template.split('/'), path.split('/')];
  if (expected.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    if (part.startsWith('{')) parameters[part.slice(1, -1)] = decodeURIComponent(parts[index]!);
    else if (part !== parts[index]) return undefined;
  }
  return parameters;
}

function bodyOf({ requestBody }: DocumentOperation, sent: unknown): Row {
  if (!requestBody) return {};
  const body = sent ?? {};
  const fault = schemaFault(requestBody.content['application/json'].schema, body);
  if (fault) throw new Refusal(422, fault);
  return body as Row;
}

function queryOf({ parameters = [] }: DocumentOperation, query: ServiceRequest['query']): Row {
  const values = parameters
    .filter((parameter) => parameter.in === 'query')
    .flatMap((parameter) => {
      const text = [query[parameter.name]].flat().at(-1);
      if (text !== undefined) return [[parameter.name, toValue(parameter, text)] as const];
      if (parameter.required) throw new Refusal(422, `${parameter.name} is required`);
      return [];
    });
  return Object.fromEntries(values);
}

function toValue({ name, schema }: Parameter, text: string): unknown {
  const value = schema.type === 'string' ? text : schema.type === 'boolean' ? text === 'true' : Number(text);
  const fault = Number.isNaN(value) ? `${name} must be a number` : schemaFault(schema, value, name);
  if (fault) throw new Refusal(422, fault);
  return value;
}

function answered({ responses }: DocumentOperation, answer: unknown): ServiceAnswer {
  const status = Object.keys(responses).find((code) => code.startsWith('2'))!;
  if (!responses[status]!.content) return { status: Number(status) };
  return { status: Number(status), body: structuredClone(answer) };
}
