import { isRecord } from '@errand/basics/is-record';
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { LRUCache } from 'lru-cache';
import { under } from '../template/pointer.ts';
import { ajvRegExp } from './regex.ts';
import { type Dialect, type SchemaFault, schemaFault } from './schema-policy.ts';

/** A part of a value that does not fit its schema. `pointer` is a JSON pointer into the value. */
export type Mismatch = { pointer: string; message: string };

export type SchemaRequest = { text: string; dialect: Dialect; closed: boolean };
export type Verdict = { ok: true } | { ok: false; fault?: SchemaFault; errors: Mismatch[] };

const options: Options = {
  strict: false,
  allErrors: false,
  ownProperties: true,
  logger: false,
  verbose: true,
  // One permanent instance checks schemas against the meta-schema; compiling it again would cost 20 ms a schema.
  meta: false,
  validateSchema: false,
  code: { regExp: ajvRegExp },
};
/** In draft-07, `$ref` disables the keywords next to it; later drafts apply both. */
const options7: Options = { ...options, ignoreKeywordsWithRef: true };
const metaSchema = new Ajv({ logger: false, strict: false });

type Compiled = { validate: ValidateFunction } | { fault: SchemaFault };
const compiled = new LRUCache<string, Compiled>({
  max: 200,
  maxSize: 2 * 1024 * 1024,
  sizeCalculation: (_, key) => key.length + 1,
});

/** A new instance for each schema: in a shared one, a schema could reference another tenant's `$id`. */
function compile(request: SchemaRequest): Compiled {
  const key = `${request.dialect} ${request.closed} ${request.text}`;
  const cached = compiled.get(key);
  if (cached) return cached;
  const schema = compileSchema(request);
  compiled.set(key, schema);
  return schema;
}

function compileSchema({ text, dialect, closed: isClosed }: SchemaRequest): Compiled {
  const fault = schemaFault(text, dialect);
  if (fault !== null) return { fault };
  const parsed: unknown = JSON.parse(text);
  const schema = (isClosed ? closeObjects(parsed) : parsed) as Record<string, unknown> | boolean;
  try {
    if (dialect === 'draft-07' && !metaSchema.validateSchema(withoutVersion(schema))) {
      const { instancePath: pointer, message } = metaSchema.errors![0]!;
      const text = `The schema is not valid draft-07: ${message}.`;
      return { fault: { code: 'schema_not_supported', pointer, message: text } };
    }
    const ajv = isNewer(schema, dialect) ? new Ajv2020(options) : new Ajv(options7);
    formats.default(ajv as Ajv);
    return { validate: ajv.compile(withoutVersion(schema)) };
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

/** MCP's default is 2020-12; a schema without `$schema` that uses the list form of items or the old definitions is older. */
function isNewer(schema: Record<string, unknown> | boolean, dialect: Dialect): boolean {
  if (dialect === 'draft-07' || typeof schema === 'boolean') return false;
  if (typeof schema.$schema === 'string') return !schema.$schema.includes('draft-07');
  return !('definitions' in schema) && !Array.isArray(schema.items);
}

function withoutVersion(schema: Record<string, unknown> | boolean): Record<string, unknown> | boolean {
  if (typeof schema === 'boolean') return schema;
  const { $schema: _version, ...rest } = schema;
  // A tool's schema may have an `$id`, which nothing references.
  if (typeof rest.$id === 'string' && !rest.$id.startsWith('#')) delete rest.$id;
  return rest;
}

function faultOf(error: unknown): SchemaFault {
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError) return tooComplex;
  return { code: 'schema_not_supported', pointer: '', message: `The schema cannot be used: ${why}.` };
}

const tooComplex: SchemaFault = {
  code: 'schema_too_complex',
  pointer: '',
  message: 'The schema refers to itself without end. Let every $ref cycle pass through properties or items.',
};

/** Compiles a schema and runs it on the five smallest values: they reveal an endless loop. */
export function checkSchema(request: SchemaRequest): SchemaFault | null {
  const schema = compile(request);
  if ('fault' in schema) return schema.fault;
  for (const value of [{}, null, [], 0, '']) {
    const verdict = run(schema.validate, value);
    if (!verdict.ok && verdict.fault !== undefined) return verdict.fault;
  }
  return null;
}

/** Validates a value. `fault`: the schema itself cannot be used. */
export function validate(request: SchemaRequest, value: unknown): Verdict {
  const schema = compile(request);
  return 'fault' in schema ? faultVerdict(schema.fault) : run(schema.validate, value);
}

function run(check: ValidateFunction, value: unknown): Verdict {
  try {
    if (check(value)) return { ok: true };
    return { ok: false, errors: (check.errors ?? []).slice(0, 20).map(toMismatch) };
  } catch (error) {
    return faultVerdict(faultOf(error));
  }
}

/** The verdict on any value when the schema itself cannot be used. */
const faultVerdict = (fault: SchemaFault): Verdict => ({
  ok: false,
  fault,
  errors: [{ pointer: '', message: fault.message }],
});

/** With one of these keywords, `additionalProperties: false` would refuse properties that another branch allows. */
const OPENING_KEYWORDS =
  `allOf anyOf oneOf if $ref $dynamicRef patternProperties dependencies dependentSchemas additionalProperties
  unevaluatedProperties not`.split(/\s+/);

/**
 * A copy of a tool's input schema in which an object that lists its properties accepts no others, so that an argument that a model invented
 * is refused instead of sent. Objects without a list, and combined ones, stay unchanged.
 */
function closeObjects(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const out: Record<string, unknown> = { ...schema };
  if (isRecord(schema.properties)) {
    out.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([key, member]) => [key, closeObjects(member)]),
    );
    if (!OPENING_KEYWORDS.some((keyword) => keyword in schema)) out.additionalProperties = false;
  }
  if (isRecord(schema.items)) out.items = closeObjects(schema.items);
  return out;
}

/** Ajv's error in words, with the remedy. */
function toMismatch(error: ErrorObject): Mismatch {
  const pointer = error.instancePath;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
    case 'dependentRequired':
    case 'dependencies':
      return { pointer: under(pointer, String(params.missingProperty)), message: 'is required' };
    case 'additionalProperties': {
      const names = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
      const allowed = names.length === 0 ? 'none is allowed here' : `allowed: ${names.slice(0, 30).join(', ')}`;
      return {
        pointer: under(pointer, String(params.additionalProperty)),
        message: `is not a known property; ${allowed}`,
      };
    }
    case 'enum': {
      const values = (params.allowedValues as unknown[]).slice(0, 30).map((allowed) => JSON.stringify(allowed));
      return { pointer, message: `must be one of ${values.join(', ')}` };
    }
    case 'const':
      return { pointer, message: `must be ${JSON.stringify(params.allowedValue).slice(0, 200)}` };
    default:
      return { pointer, message: error.message ?? `does not fit ${error.keyword}` };
  }
}
