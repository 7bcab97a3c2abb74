// Documents of services: every place that the schemas of OpenAPI 3.1, 3.0 and Swagger 2 name, and every name that an author chooses.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readDocument } from '@errand/integrations/testing';
import { aRun } from '../fixtures/builders.ts';
import type { Probe } from './meter.ts';
import { placesOf } from './outside.ts';
import { runOf } from './parties.ts';
import { MARK, type Schema, SchemaPlaces } from './places.ts';
import { seedsIn } from './seeds.ts';
import { jsonShapes, runs, type Shape } from './shapes.ts';
import type { World } from './world.ts';

/** Bytes of a shape with which each place is tried, and of a whole document. */
const [TRIED_BYTES, DOCUMENT_BYTES] = [2500, 4_000_000];
const VERSIONS = ['3.1', '3.0', '2.0'] as const;

const documentsAt = (origin: string) => seedsIn('documents', { HOST: new URL(origin).host });

/** Members that the schema of a specification names, and the document of its version lacks. */
export function lackingMembers(): string[] {
  const documents = documentsAt('http://127.0.0.1');
  const { resolve } = createRequire(import.meta.url);
  return VERSIONS.flatMap((version) => {
    const schema = readFileSync(resolve(`@seriousme/openapi-schema-validator/schemas/v${version}/schema.json`), 'utf8');
    const present = new Set([...placesOf(documents[version])].map(({ way }) => way.at(-1)));
    const isMembers = (way: readonly string[]) => way.at(-1) === 'properties' && way.at(-2) !== 'properties';
    const members = [...placesOf(JSON.parse(schema))].filter(({ way }) => isMembers(way));
    const names = members.flatMap(({ value }) => Object.keys(value as object));
    return names.flatMap((name) => (present.has(name) ? [] : [`${version} ${name}`]));
  });
}

/** A value of a document, or the name of its member. */
type Place = { way: readonly string[]; isName: boolean };
type Container = Record<string, unknown> | undefined;

/** The text of a document with a shape in some places. */
function withShape(document: unknown, places: readonly Place[], { text }: Shape): string {
  const copy: unknown = structuredClone(document);
  for (const { way, isName } of places.toSorted((a, b) => b.way.length - a.way.length)) {
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

/** For each shape a document that has it in all places in which a document may have it: registered, listed, called, planned over. */
export async function* documentProbes(world: World, origin: string): AsyncGenerator<Probe> {
  const documents = documentsAt(origin);
  for (const version of VERSIONS) {
    const seed = documents[version]!;
    const ways = [...placesOf(seed)].flatMap(({ way }) => (way.length === 0 ? [] : [way]));
    const values = ways.map((way) => ({ way, isName: false }));
    const named = ways.flatMap((way) => (/^\d+$/.test(way.at(-1)!) ? [] : [{ way, isName: true }]));
    // A place that takes no list of nulls takes no other value, and one that takes no letters no other text.
    const [texts, others] = [runs, jsonShapes].map((shapes) => shapes(TRIED_BYTES)[1]!);
    const textPlaces = await acceptedOf(seed, [...values, ...named], asJson(texts!));
    const otherPlaces = await acceptedOf(seed, values, others!);
    const groups = [
      {
        places: textPlaces,
        shapesOf: (size: number) =>
          runs(size)
            .filter((_, n) => n % 2 === 1)
            .map(asJson),
      },
      { places: otherPlaces, shapesOf: (size: number) => jsonShapes(size).filter(({ text }) => text.length > 99) },
    ];
    for (const { places, shapesOf } of groups)
      for (const [n, tried] of shapesOf(TRIED_BYTES).entries()) {
        const accepted = await acceptedOf(seed, places, tried);
        if (accepted.length === 0) continue;
        const shape = shapesOf(Math.floor(DOCUMENT_BYTES / accepted.length))[n]!;
        const field = `document ${version}, ${accepted.length} places`;
        yield { field, shape: shape.shape, bytes: shape.text.length, act: () => used(world, seed, accepted, shape) };
      }
  }
}

const asJson = ({ shape, text }: Shape): Shape => ({ shape, text: JSON.stringify(text) });

/** The places in which a document may have a shape, together. */
async function acceptedOf(seed: unknown, places: readonly Place[], shape: Shape): Promise<readonly Place[]> {
  if (places.length === 0 || (await isAccepted(withShape(seed, places, shape)))) return places;
  if (places.length === 1) return [];
  const half = Math.ceil(places.length / 2);
  const first = await acceptedOf(seed, places.slice(0, half), shape);
  return [...first, ...(await acceptedOf(seed, places.slice(half), shape))];
}

const isAccepted = (document: string): Promise<boolean> =>
  readDocument(Buffer.from(document), { customerIntegrationId: 'pets_12345678' }).then(
    ({ summary }) => summary.operations.length > 3,
    () => false,
  );

/** Uses a document. A shape of its size may be too large for some places, so after a refusal each half of the places has it. */
async function used(world: World, seed: unknown, places: readonly Place[], shape: Shape): Promise<string> {
  const ended = await use(world, withShape(seed, places, shape));
  if (ended.endsWith('SUCCESS') || places.length < 32) return ended;
  const half = Math.ceil(places.length / 2);
  return `${await used(world, seed, places.slice(0, half), shape)}; ${await used(world, seed, places.slice(half), shape)}`;
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
