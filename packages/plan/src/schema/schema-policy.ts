import { isRecord } from '@errand/basics/is-record';
import { under } from '../template/pointer.ts';
import { LinearRegExp, UnsupportedPattern } from './regex.ts';

export type SchemaFaultCode = 'schema_not_supported' | 'schema_pattern_unsupported' | 'schema_too_complex';
/** Why a JSON Schema is refused. `pointer` is a JSON pointer into the schema. */
export type SchemaFault = { code: SchemaFaultCode; pointer: string; message: string };

/**
 * `draft-07`: outputSchemas of callers, under the strictest rules.
 * `tool`: schemas of services (OpenAPI, MCP); draft-07 to 2020-12, larger, `nullable` allowed.
 */
export type Dialect = 'draft-07' | 'tool';

const limits = {
  'draft-07': { bytes: 64 * 1024, depth: 32, subschemas: 1000 },
  tool: { bytes: 256 * 1024, depth: 64, subschemas: 5000 },
} as const;
const MAX_ENUM = 1000;
const MAX_PATTERN = 512;
const MAX_NESTING = 200;

const draft7Uri = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;
const laterDraftUri = /^https?:\/\/json-schema\.org\/draft\/20(19-09|20-12)\/schema#?$/;

const singleSchemaKeywords = new Set(
  `additionalItems additionalProperties contains else if items not propertyNames then unevaluatedItems
  unevaluatedProperties`.split(/\s+/),
);
const schemaListKeywords = new Set(['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems']);
const schemaMapKeywords = new Set(
  '$defs definitions dependencies dependentSchemas patternProperties properties'.split(' '),
);

/** Keywords that are refused, with the message: in every schema, and in the schemas of callers. */
const refusedKeywords = new Map(
  ['$async', '$data'].map((name) => [name, `${name} is no keyword of JSON Schema and is refused.`]),
);
const openApiKeywords = new Map([
  ['nullable', 'nullable is OpenAPI; write "type": ["string", "null"] instead.'],
  ['discriminator', 'discriminator is OpenAPI; oneOf alone says the same.'],
]);

class Refusal extends Error {
  constructor(readonly fault: SchemaFault) {
    super(fault.message);
  }
}
const refuse = (code: SchemaFaultCode, pointer: string, message: string): never => {
  throw new Refusal({ code, pointer, message });
};

/**
 * Checks a schema by its text: sizes, refused keywords, patterns. Loops and doubling show only when it is compiled and run.
 * @param text the schema as JSON
 */
export function schemaFault(text: string, dialect: Dialect): SchemaFault | null {
  const limit = limits[dialect];
  if (Buffer.byteLength(text) > limit.bytes) {
    return { code: 'schema_too_complex', pointer: '', message: `The schema is larger than ${limit.bytes / 1024} KiB.` };
  }
  try {
    const root: unknown = JSON.parse(text);
    checkKeys(root, '', 0);
    if (!isRecord(root) && typeof root !== 'boolean')
      refuse('schema_not_supported', '', 'A JSON Schema is an object, or true or false.');
    new SchemaWalk(root, dialect).visit(root, '', 1);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.fault;
    throw error;
  }
}

function checkKeys(value: unknown, pointer: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_NESTING)
    refuse('schema_too_complex', pointer, `The schema is nested more than ${MAX_NESTING} levels deep.`);
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__')
      refuse('schema_not_supported', under(pointer, key), 'A member named __proto__ is refused.');
    checkKeys(member, under(pointer, key), depth + 1);
  }
}

class SchemaWalk {
  readonly #visited = new Set<unknown>();

  constructor(
    private readonly root: unknown,
    private readonly dialect: Dialect,
  ) {}

  visit(schema: unknown, pointer: string, depth: number): void {
    if (!isRecord(schema) || this.#visited.has(schema)) return;
    this.#visited.add(schema);
    const { depth: maxDepth, subschemas } = limits[this.dialect];
    if (this.#visited.size > subschemas)
      refuse('schema_too_complex', pointer, `The schema has more than ${subschemas} subschemas.`);
    if (depth > maxDepth)
      refuse('schema_too_complex', pointer, `Subschemas are nested more than ${maxDepth} levels deep.`);
    for (const [keyword, value] of Object.entries(schema)) {
      this.keyword(keyword, value, under(pointer, keyword), depth);
    }
  }

  keyword(keyword: string, value: unknown, pointer: string, depth: number): void {
    const isOfCaller = this.dialect === 'draft-07';
    const refusal = refusedKeywords.get(keyword) ?? (isOfCaller ? openApiKeywords.get(keyword) : undefined);
    if (refusal !== undefined) refuse('schema_not_supported', pointer, refusal);
    if (keyword === '$schema') this.version(value, pointer);
    else if (keyword === '$id' && this.dialect === 'tool' && depth === 1) return;
    else if (keyword === '$id' || keyword === '$ref') this.reference(keyword, value, pointer, depth);
    else if (keyword === 'pattern') this.pattern(value, pointer);
    checkValue(keyword, value, pointer);
    this.subschemas(keyword, value, pointer, depth);
  }

  subschemas(keyword: string, value: unknown, pointer: string, depth: number): void {
    if (schemaMapKeywords.has(keyword) && isRecord(value)) {
      for (const [name, member] of Object.entries(value)) {
        if (keyword === 'patternProperties') this.pattern(name, under(pointer, name));
        this.visit(member, under(pointer, name), depth + 1);
      }
    } else if (schemaListKeywords.has(keyword) && Array.isArray(value)) {
      for (const [index, member] of value.entries()) this.visit(member, under(pointer, index), depth + 1);
    } else if (singleSchemaKeywords.has(keyword)) this.visit(value, pointer, depth + 1);
  }

  version(value: unknown, pointer: string): void {
    const isSupported =
      typeof value === 'string' && (draft7Uri.test(value) || (this.dialect === 'tool' && laterDraftUri.test(value)));
    if (!isSupported)
      refuse('schema_not_supported', pointer, 'Leave $schema out or write http://json-schema.org/draft-07/schema#.');
  }

  reference(keyword: string, value: unknown, pointer: string, depth: number): void {
    if (typeof value !== 'string') return;
    if (!value.startsWith('#'))
      refuse('schema_not_supported', pointer, `${keyword} must start with #: nothing outside the schema is read.`);
    // A reference may point outside of the keywords; its target is a schema too.
    if (keyword === '$ref' && value.startsWith('#/')) this.visit(this.target(value), value.slice(1), depth + 1);
  }

  target(ref: string): unknown {
    let at: unknown = this.root;
    for (const part of ref.slice(2).split('/')) {
      const key = safeDecode(part).replaceAll('~1', '/').replaceAll('~0', '~');
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
      at = (at as Record<string, unknown>)[key];
    }
    return at;
  }

  pattern(value: unknown, pointer: string): void {
    if (typeof value !== 'string') return;
    if (value.length > MAX_PATTERN)
      refuse('schema_pattern_unsupported', pointer, `A pattern has at most ${MAX_PATTERN} characters.`);
    try {
      new LinearRegExp(value);
    } catch (error) {
      if (error instanceof UnsupportedPattern) refuse('schema_pattern_unsupported', pointer, error.message);
      throw error;
    }
  }
}

function checkValue(keyword: string, value: unknown, pointer: string): void {
  if (keyword === 'enum' && Array.isArray(value) && value.length > MAX_ENUM)
    refuse('schema_too_complex', pointer, `An enum has at most ${MAX_ENUM} values; this one has ${value.length}.`);
  if (isRecord(value) && '$data' in value && !schemaMapKeywords.has(keyword) && !literalKeywords.has(keyword))
    refuse('schema_not_supported', pointer, '$data is no keyword of JSON Schema and is refused.');
}

const literalKeywords = new Set(['const', 'default', 'enum', 'examples']);

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
