// docs/migrating.md names only existing operations and fields, and contains all of the original.
import { readFileSync } from 'node:fs';
import { apiDocument } from '@errand/api';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { events, Feedback, Integrations, IntegrationUser, Run, RunPage } from './reference.ts';

type Schema = {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};
type Content = { content?: Record<string, { schema: Schema }> };
type Operation = {
  parameters?: { name: string; schema: Schema }[];
  requestBody?: Content;
  responses: Record<string, Content>;
};
type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Schema> } };

const document = JSON.parse(JSON.stringify(apiDocument())) as Document;
const page = readFileSync(new URL('../../docs/migrating.md', import.meta.url), 'utf8');

const operationPattern = /`(GET|POST|PUT|PATCH|DELETE) (\/[^`\s]*)`/g;
const operationOf = (method = '', path = ''): Operation | undefined => document.paths[path]?.[method.toLowerCase()];

/** The possible schemas of a schema, without references. */
function forms(schema: Schema | undefined): Schema[] {
  if (!schema) return [];
  if (schema.$ref) return forms(document.components.schemas[schema.$ref.split('/').at(-1)!]);
  const inner = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((some) => some ?? []);
  return [schema, ...inner.flatMap(forms)];
}

/** The schemas at the path `a.b[].c`. */
function at(schemas: Schema[], path: string): Schema[] {
  return path.split('.').reduce<Schema[]>((schemas, part) => {
    const next = schemas.flatMap((schema) => forms(schema.properties?.[part.replace('[]', '')]));
    return part.endsWith('[]') ? next.flatMap(({ items }) => forms(items)) : next;
  }, schemas);
}

/** The schemas of a section's heading: the request and the answer of an operation, or a schema. */
function schemasOf(heading: string): Schema[] {
  const [method, path] = heading.split(' ');
  const operation = operationOf(method, path);
  if (!operation) return forms(document.components.schemas[heading]);
  const { parameters = [], requestBody, responses } = operation;
  const properties = Object.fromEntries(parameters.map(({ name, schema }) => [name.replace(/\[.*/, ''), schema]));
  const success = Object.entries(responses).flatMap(([status, response]) => (status.startsWith('2') ? [response] : []));
  const bodies = [requestBody, ...success].flatMap((part) => Object.values(part?.content ?? {}));
  return [{ properties }, ...bodies.flatMap(({ schema }) => forms(schema))];
}

const sections = page
  .split(/^##/m)
  .filter((part) => part.startsWith('# `'))
  .map((part) => ({
    heading: /`([^`]+)`/.exec(part)![1]!,
    fields: [...part.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, field]) => field!),
    ),
  }));

test('every operation of the page is one of ours', () => {
  const named = [...page.matchAll(operationPattern)];
  expect(named.length).toBeGreaterThan(20);
  for (const [text, method, path] of named) expect(operationOf(method, path), text).toBeDefined();
});

test('every field of the page exists in its operation or schema', () => {
  expect(sections.length).toBeGreaterThan(10);
  for (const { heading, fields } of sections) {
    expect(fields.length, heading).toBeGreaterThan(0);
    for (const field of fields) expect(at(schemasOf(heading), field).length, `${heading}: ${field}`).toBeGreaterThan(0);
  }
});

const fieldsOf = (heading: string) =>
  new Set(sections.filter((section) => section.heading === heading).flatMap(({ fields }) => fields));
const names = (schema: { shape: z.ZodRawShape }) => Object.keys(schema.shape);

test.each([
  ['Run', names(Run)],
  ['GET /v1/runs', [...names(RunPage), ...names(RunPage.shape.pagination).map((name) => `pagination.${name}`)]],
  ['Integration', names(Integrations.element)],
  ['IntegrationUser', names(IntegrationUser)],
  ['Feedback', names(Feedback)],
  ['Step', names(events.step.shape.step)],
])('no field of the original is missing in %s', (heading, expectedFields) => {
  const named = [...fieldsOf(heading)];
  for (const name of expectedFields.filter((field) => field !== 'pagination')) {
    expect(
      named.some((field) => field === name || field.startsWith(`${name}[`)),
      `${heading}: ${name}`,
    ).toBe(true);
  }
});

test('every event of the original is named', () => {
  for (const name of [...Object.keys(events), 'keepalive']) expect(page).toContain(`\`${name}\``);
});
