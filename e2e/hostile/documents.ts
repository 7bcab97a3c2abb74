// Documents of services: every location that the schemas of OpenAPI 3.1, 3.0 and Swagger 2 name, and every name that an author chooses.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readDocument } from '@errand/integrations/testing';
import { aRun } from '../fixtures/builders.ts';
import { MARK, type Schema, SchemaPlaces } from './locations.ts';
import type { Probe } from './meter.ts';
import { locationsOf } from './outside.ts';
import { runOf } from './parties.ts';
import { seedsIn } from './seeds.ts';
import { jsonShapes, runs, type Shape } from './shapes.ts';
import type { World } from './world.ts';

/** Bytes of a shape with which each location is tried, and of a whole document. */
const [TRIED_BYTES, DOCUMENT_BYTES] = [2500, 4_000_000];
const VERSIONS = ['3.1', '3.0', '2.0'] as const;

const documentsAt = (origin: string) => seedsIn('documents', { HOST: new URL(origin).host });

/** Members that the schema of a specification names, and the document of its version lacks. */
export function lackingMembers(): string[] {
  const documents = documentsAt('http://127.0.0.1');
  const { resolve } = createRequire(import.meta.url);
  return VERSIONS.flatMap((version) => {
    const schema = readFileSync(resolve(`@seriousme/openapi-schema-validator/schemas/v${version}/schema.json`), 'utf8');
    const present = new Set([...locationsOf(documents[version])].map(({ way }) => way.at(-1)));
    const isMembers = (way: readonly string[]) => way.at(-1) === 'properties' && way.at(-2) !== 'properties';
    const members = [...locationsOf(JSON.parse(schema))].filter(({ way }) => isMembers(way));
    const names = members.flatMap(({ value }) => Object.keys(value as object));
    return names.flatMap((name) => (present.has(name) ? [] : [`${version} ${name}`]));
  });
}

/** A value of a document, or the name of its member. */
type Location = { way: readonly string[]; isName: boolean };
type Container = Record<string, unknown> | undefined;

/** The text of a document with a shape in some locations. */
function withShape(document: unknown, locations: readonly Location[], { text }: Shape): string {
  const copy: unknown = structuredClone(document);
  for (const { way, isName } of locations.toSorted((a, b) => b.way.length - a.way.length)) {
    const parent = way.slice(0, -1).reduce<unknown>((value, key) => (value as Container)?.[key], copy) as Container;
    const key = way.at(-1)!;
    if (typeof parent !== 'object' || !(key in parent)) continue;
    if (!isName) parent[key] = MARK;
    else {
      parent[MARK + key] = parent[key];
      delete parent[key];
    }
  }
  const json = JSON.stringify(copy).replaceAll(`"${MARK}"`, () => text);
  return json.replaceAll(MARK, () => (text.startsWith('"') ? text.slice(1, -1) : ''));
}

/** For each shape a document that has it in all locations in which a document may have it: registered, listed, called, planned over. */
export async function* documentProbes(world: World, origin: string): AsyncGenerator<Probe> {
  const documents = documentsAt(origin);
  for (const version of VERSIONS) {
    const seed = documents[version]!;
    const ways = [...locationsOf(seed)].flatMap(({ way }) => (way.length === 0 ? [] : [way]));
    const values = ways.map((way) => ({ way, isName: false }));
    const named = ways.flatMap((way) => (/^\d+$/.test(way.at(-1)!) ? [] : [{ way, isName: true }]));
    // A location that takes no list of nulls takes no other value, and one that takes no letters no other text.
    const [texts, others] = [runs, jsonShapes].map((shapes) => shapes(TRIED_BYTES)[1]!);
    const textPlaces = await acceptedOf(seed, [...values, ...named], asJson(texts!));
    const otherPlaces = await acceptedOf(seed, values, others!);
    const groups = [
      {
        locations: textPlaces,
        shapesOf: (size: number) =>
          runs(size)
            .filter((_, n) => n % 2 === 1)
            .map(asJson),
      },
      { locations: otherPlaces, shapesOf: (size: number) => jsonShapes(size).filter(({ text }) => text.length > 99) },
    ];
    for (const { locations, shapesOf } of groups)
      for (const [n, tried] of shapesOf(TRIED_BYTES).entries()) {
        const accepted = await acceptedOf(seed, locations, tried);
        if (accepted.length === 0) continue;
        const shape = shapesOf(Math.floor(DOCUMENT_BYTES / accepted.length))[n]!;
        const field = `document ${version}, ${accepted.length} locations`;
        yield { field, shape: shape.shape, bytes: shape.text.length, act: () => used(world, seed, accepted, shape) };
      }
  }
}

const asJson = ({ shape, text }: Shape): Shape => ({ shape, text: JSON.stringify(text) });

/** The locations in which a document may have a shape, together. */
async function acceptedOf(seed: unknown, locations: readonly Location[], shape: Shape): Promise<readonly Location[]> {
  if (locations.length === 0 || (await isAccepted(withShape(seed, locations, shape)))) return locations;
  if (locations.length === 1) return [];
  const half = Math.ceil(locations.length / 2);
  const first = await acceptedOf(seed, locations.slice(0, half), shape);
  return [...first, ...(await acceptedOf(seed, locations.slice(half), shape))];
}

const isAccepted = (document: string): Promise<boolean> =>
  readDocument(Buffer.from(document), { customerIntegrationId: 'pets_12345678' }).then(
    ({ summary }) => summary.operations.length > 3,
    () => false,
  );

/** Uses a document. A shape of its size may be too large for some locations, so after a refusal each half of the locations has it. */
async function used(world: World, seed: unknown, locations: readonly Location[], shape: Shape): Promise<string> {
  const ended = await use(world, withShape(seed, locations, shape));
  if (ended.endsWith('SUCCESS') || locations.length < 32) return ended;
  const half = Math.ceil(locations.length / 2);
  return `${await used(world, seed, locations.slice(0, half), shape)}; ${await used(world, seed, locations.slice(half), shape)}`;
}

async function use({ api }: World, document: string): Promise<string> {
  const input = { name: 'Document', kind: 'openapi', document, auth: { type: 'NONE' }, enable: 'all' } as const;
  const created = await api.integrations
    .create(input)
    .catch((error: { status?: number; problem?: { code: string } }) => {
      if (error.status === undefined || error.status >= 500) throw error;
      return error.problem!.code;
    });
  if (typeof created === 'string') return created;
  const { customerIntegrationId } = created;
  const selectedCustomerIntegrationIds = [customerIntegrationId];
  try {
    const { tools } = await api.integrations.tools({ customerIntegrationId });
    await api.tools.search({ q: 'get a pet', customerIntegrationIds: selectedCustomerIntegrationIds });
    const argumentsOf = (schema: unknown) => new SchemaPlaces(schema as Schema, {}).base() as Record<string, never>;
    const steps = tools
      .slice(0, 8)
      .map(({ name, inputSchema }, n) => ({ id: `s${n}`, tool: name, args: argumentsOf(inputSchema) }));
    await api.runs.preflight(aRun({ intent: 'Get a pet', selectedCustomerIntegrationIds }));
    return await runOf(api, { selectedCustomerIntegrationIds, plan: { goal: 'Call all', steps, result: {} } });
  } finally {
    await api.integrations.delete({ customerIntegrationId });
  }
}
