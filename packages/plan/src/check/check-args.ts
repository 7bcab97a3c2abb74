import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema, ToolSpec } from '@errand/contracts';
import { holeAt, holesOf } from '../execute/template.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { resolved } from '../schema/schema-at.ts';
import { under } from '../schema/schema-policy.ts';
import type { Complaint } from './complaint.ts';
import { nearest } from './nearest.ts';

/**
 * Checks a step's arguments against its tool's input schema as far as they are literal: unknown and missing members by name, then every
 * subtree without a binding by the validator. What bindings give is checked when the step runs.
 */
export async function checkArgs(args: Json, tool: ToolSpec, pointer: string, sandbox: Sandbox): Promise<Complaint[]> {
  if (holesOf(args).length === 0) {
    const verdict = await sandbox.validate(tool.inputSchema, args, { dialect: 'tool', closed: true });
    if (verdict.ok) return [];
    if (verdict.fault !== undefined) {
      return [{ pointer, message: `The input schema of ${tool.name} cannot be used: ${verdict.fault.message}` }];
    }
  }
  const walk = new ArgsWalk(tool, sandbox);
  await walk.visit(args, tool.inputSchema, pointer);
  if (walk.complaints.length > 0 || holesOf(args).length > 0) return walk.complaints;
  // What the walk cannot name (combinators, dependencies) the validator has found.
  const verdict = await sandbox.validate(tool.inputSchema, args, { dialect: 'tool', closed: true });
  return verdict.ok
    ? []
    : verdict.errors.map((error) => ({ pointer: pointer + error.pointer, message: sentence(error.message) }));
}

class ArgsWalk {
  readonly #tool: ToolSpec;
  readonly #sandbox: Sandbox;

  readonly complaints: Complaint[] = [];

  constructor(tool: ToolSpec, sandbox: Sandbox) {
    this.#tool = tool;
    this.#sandbox = sandbox;
  }

  async visit(value: Json, schema: unknown, pointer: string): Promise<void> {
    if (holeAt(value, pointer) !== undefined) return;
    const known = resolved(schema, this.#tool.inputSchema);
    if (!isRecord(known)) return;
    if (isRecord(value) && isRecord(known.properties)) {
      await this.#members(value, known, known.properties, pointer);
    } else if (Array.isArray(value) && isRecord(known.items)) {
      for (const [index, item] of value.entries()) await this.visit(item, known.items, under(pointer, index));
    } else if (holesOf(value).length === 0) await this.#literal(value, known, pointer);
  }

  async #members(
    value: Record<string, Json>,
    schema: Record<string, unknown>,
    properties: Record<string, unknown>,
    pointer: string,
  ) {
    const names = Object.keys(properties);
    for (const name of Array.isArray(schema.required) ? schema.required : []) {
      if (typeof name !== 'string' || Object.hasOwn(value, name)) continue;
      this.complaints.push({
        pointer,
        message: `${this.#tool.name} requires ${name} here.${holdsOf(properties[name])}`,
      });
    }
    const open = ['additionalProperties', 'patternProperties', 'allOf', 'anyOf', 'oneOf', '$ref'].some(
      (keyword) => keyword in schema && schema[keyword] !== false,
    );
    for (const [name, member] of Object.entries(value)) {
      if (Object.hasOwn(properties, name)) await this.visit(member, properties[name], under(pointer, name));
      else if (!open) {
        const message = `${this.#tool.name} has no ${name} here.${nearest(name, names)}`;
        this.complaints.push({ pointer: under(pointer, name), message });
      }
    }
  }

  async #literal(value: Json, schema: Record<string, unknown>, pointer: string): Promise<void> {
    const alone: JsonSchema = { ...definitionsOf(this.#tool.inputSchema), ...schema };
    const verdict = await this.#sandbox.validate(alone, value, { dialect: 'tool', closed: true });
    if (verdict.ok || verdict.fault !== undefined) return;
    for (const error of verdict.errors) {
      this.complaints.push({ pointer: pointer + error.pointer, message: sentence(error.message) });
    }
  }
}

/** Where references of a subschema lead, so that it can be used alone. */
const definitionsOf = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(
    ['$schema', '$defs', 'definitions', 'components'].flatMap((key) => (key in schema ? [[key, schema[key]]] : [])),
  );

function holdsOf(schema: unknown): string {
  if (!isRecord(schema)) return '';
  const type = typeof schema.type === 'string' ? ` It is of type ${schema.type}.` : '';
  const members = isRecord(schema.properties)
    ? ` It holds ${Object.keys(schema.properties).slice(0, 20).join(', ')}.`
    : '';
  return members || type;
}

const sentence = (message: string): string => `The value ${message}.`;
