// docs/migrating.md has every operation of the contract, and every request field of the operations that it compares.
// e2e/original/migrating.test.ts tests the other direction.
import { readFileSync } from 'node:fs';
import { apiDocument } from '@errand/api';
import { contract } from '@errand/contracts';
import { describe, expect, test } from 'vitest';

type Schema = {
  $ref?: string;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};
type Operation = {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
};
type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Schema> } };

const document = JSON.parse(JSON.stringify(apiDocument())) as Document;
const page = readFileSync(new URL('../docs/migrating.md', import.meta.url), 'utf8');

/** The part of the page under a heading, up to the next heading. */
const sectionOf = (heading: string): string | undefined =>
  page.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`));

/** `GET`, `PUT` and `DELETE /v1/x` names three operations. */
function operationsIn(text: string): string[] {
  const names: string[] = [];
  let methods: string[] = [];
  for (const [, method, path] of text.matchAll(/`(GET|POST|PUT|PATCH|DELETE)(?: (\/[^`\s]*))?`/g)) {
    methods.push(method!);
    if (path === undefined) continue;
    names.push(...methods.map((each) => `${each} ${path}`));
    methods = [];
  }
  return names;
}

const firstCells = (section: string): string =>
  section
    .split('\n')
    .map((line) => line.split('|')[1] ?? '')
    .join('\n');

const compared = operationsIn(firstCells(sectionOf('Operations')!));
const onlyHere = operationsIn(sectionOf('Only here')!);

const served = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.keys(methods)
    .filter((method) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
    .map((method) => `${method.toUpperCase()} ${path}`),
);

test('every operation is either compared or only here', () => {
  expect(compared.length).toBeGreaterThan(15);
  expect([...compared, ...onlyHere].sort()).toEqual([...served].sort());
});

test('every operation without a route is named as only here', () => {
  const names = Object.entries(contract).flatMap(([group, operations]) =>
    Object.entries(operations).flatMap(([name, operation]) => ('http' in operation ? [] : [`${group}.${name}`])),
  );
  const named = [...sectionOf('Only here')!.matchAll(/`(\w+\.\w+)`/g)].map(([, name]) => name);
  expect(named.sort()).toEqual(names.sort());
});

/** The properties of the object that a schema describes. */
function propertiesOf({ $ref, properties = {}, anyOf, oneOf, allOf }: Schema): string[] {
  const part = $ref === undefined ? undefined : document.components.schemas[$ref.split('/').at(-1)!]!;
  const parts = [part, anyOf, oneOf, allOf].flatMap((some) => some ?? []);
  return [...Object.keys(properties), ...parts.flatMap(propertiesOf)];
}

function requestFieldsOf(name: string): string[] {
  const [method = '', path = ''] = name.split(' ');
  const { parameters = [], requestBody } = document.paths[path]![method.toLowerCase()]!;
  // Parameters of the path are in its name.
  const parameterNames = parameters.flatMap((parameter) => (parameter.in === 'path' ? [] : [parameter.name]));
  const bodies = Object.values(requestBody?.content ?? {});
  return [
    ...parameterNames.map((field) => field.replace(/\[.*/, '')),
    ...bodies.flatMap(({ schema }) => propertiesOf(schema)),
  ];
}

describe.each(compared)('%s', (name) => {
  test('has each of its request fields on the page', () => {
    const fields = requestFieldsOf(name);
    if (fields.length === 0) return;
    const section = sectionOf(`\`${name}\``);
    expect(section, `a section for its fields ${fields}`).toBeDefined();
    const named = [...section!.matchAll(/`([\w-]+)[^`]*`/g)].map(([, field]) => field);
    expect(named).toEqual(expect.arrayContaining(fields));
  });
});
