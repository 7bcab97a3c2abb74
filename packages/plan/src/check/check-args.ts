import { type Awaitable, chain, isPromise } from '@errand/basics/awaitable';
import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema, ToolSpec } from '@errand/contracts';
import { AS_TOOL, type Sandbox } from '../sandbox/sandbox.ts';
import type { Mismatch } from '../schema/schema.ts';
import { resolveReference } from '../schema/schema-at.ts';
import type { Dialect } from '../schema/schema-policy.ts';
import { under } from '../template/pointer.ts';
import { type Hole, holeAt, holesOf } from '../template/template.ts';
import { type Complaint, suggestName } from './complaint.ts';

/** Checks the literal arguments of a step against its tool's input schema. Values of bindings are checked when the step runs. */
export const checkArgs = (
  args: Json,
  tool: ToolSpec,
  pointer: string,
  sandbox: Sandbox,
): Awaitable<readonly Complaint[]> =>
  holesOf(args).length > 0
    ? walkArgs(args, tool, pointer, sandbox)
    : chain(sandbox.validate(tool.inputSchema, args, AS_TOOL), (verdict) => {
        if (verdict.ok) return [];
        if (verdict.fault !== undefined)
          return [{ pointer, message: `The input schema of ${tool.name} cannot be used: ${verdict.fault.message}` }];
        return chain(walkArgs(args, tool, pointer, sandbox), (complaints) =>
          // The validator checks keywords that the walk does not read (combinators, dependencies).
          complaints.length > 0 ? complaints : verdict.errors.map((mismatch) => toComplaint(mismatch, pointer)),
        );
      });

function walkArgs(args: Json, tool: ToolSpec, pointer: string, sandbox: Sandbox): Awaitable<readonly Complaint[]> {
  const walk = new TemplateWalk({ schema: tool.inputSchema, ...AS_TOOL, owner: tool.name, sandbox });
  walk.visit(args, tool.inputSchema, pointer);
  return walk.complaints();
}

type WalkOptions = {
  schema: JsonSchema;
  dialect: Dialect;
  /** Whether objects accept only the members that the schema lists. */
  closed: boolean;
  /** The schema's name, with which each complaint begins. */
  owner: string;
  /** Whether a single item is accepted in place of a list. */
  wrapsItems?: boolean;
  sandbox: Sandbox;
  /** Called for each computed value, with the schema that it must fit. */
  onHole?: (hole: Hole, schema: Record<string, unknown>) => void;
};

/**
 * Checks the literal parts of a template against a JSON Schema: unknown and missing members by name, then every subtree without a hole by
 * the validator.
 */
export class TemplateWalk {
  /** Complaints, and validations that give some, in the order of the template. */
  readonly #parts: (Complaint | (() => Awaitable<Complaint[]>))[] = [];

  constructor(private readonly options: WalkOptions) {}

  /** All complaints. One literal is validated after another. */
  complaints(): Awaitable<readonly Complaint[]> {
    const complaints: Complaint[] = [];
    for (const [index, part] of this.#parts.entries()) {
      const more = typeof part === 'function' ? part() : [part];
      if (isPromise(more)) return this.#addFrom(index + 1, complaints, more);
      complaints.push(...more);
    }
    return complaints;
  }

  async #addFrom(index: number, complaints: Complaint[], pending: Promise<Complaint[]>): Promise<Complaint[]> {
    complaints.push(...(await pending));
    for (const part of this.#parts.slice(index)) {
      complaints.push(...(typeof part === 'function' ? await part() : [part]));
    }
    return complaints;
  }

  visit(value: Json, schema: unknown, pointer: string): void {
    const { schema: root, wrapsItems, onHole } = this.options;
    const hole = holeAt(value, pointer);
    const target = resolveReference(schema, root);
    if (!isRecord(target)) return;
    if (hole !== undefined) onHole?.(hole, target);
    else if (isRecord(value) && isRecord(target.properties)) {
      this.#members(value, target, target.properties, pointer);
    } else if (Array.isArray(value) && isRecord(target.items)) {
      for (const [index, item] of value.entries()) this.visit(item, target.items, under(pointer, index));
    } else if (wrapsItems && target.type === 'array' && value !== null && !Array.isArray(value)) {
      if (isRecord(target.items)) this.visit(value, target.items, pointer);
    } else if (holesOf(value).length === 0) this.#parts.push(() => this.#validate(value, target, pointer));
  }

  #members(
    value: Record<string, Json>,
    schema: Record<string, unknown>,
    properties: Record<string, unknown>,
    pointer: string,
  ) {
    const { owner, closed } = this.options;
    const names = Object.keys(properties);
    for (const name of Array.isArray(schema.required) ? schema.required : []) {
      if (typeof name !== 'string' || Object.hasOwn(value, name)) continue;
      this.#parts.push({ pointer, message: `${owner} requires ${name} here.${describeType(properties[name])}` });
    }
    const isOpen =
      (!closed && schema.additionalProperties !== false) ||
      ['additionalProperties', 'patternProperties', 'allOf', 'anyOf', 'oneOf', '$ref'].some(
        (keyword) => keyword in schema && schema[keyword] !== false,
      );
    for (const [name, member] of Object.entries(value)) {
      if (Object.hasOwn(properties, name)) this.visit(member, properties[name], under(pointer, name));
      else if (!isOpen) {
        const message = `${owner} has no ${name} here.${suggestName(name, names)}`;
        this.#parts.push({ pointer: under(pointer, name), message });
      }
    }
  }

  #validate(value: Json, schema: Record<string, unknown>, pointer: string): Awaitable<Complaint[]> {
    const { sandbox, dialect, closed, schema: root } = this.options;
    return chain(sandbox.validate({ ...definitionsOf(root), ...schema }, value, { dialect, closed }), (verdict) =>
      verdict.ok || verdict.fault !== undefined ? [] : verdict.errors.map((mismatch) => toComplaint(mismatch, pointer)),
    );
  }
}

/** The definitions that references of a subschema need, so that it can be used alone. */
const definitionsOf = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(
    ['$schema', '$defs', 'definitions', 'components'].flatMap((key) => (key in schema ? [[key, schema[key]]] : [])),
  );

/** A sentence about the values that fit a schema; starts with a space. */
function describeType(schema: unknown): string {
  if (!isRecord(schema)) return '';
  if (isRecord(schema.properties)) return ` It holds ${Object.keys(schema.properties).slice(0, 20).join(', ')}.`;
  return typeof schema.type === 'string' ? ` It is of type ${schema.type}.` : '';
}

/** @param pointer of the value in the plan */
const toComplaint = (mismatch: Mismatch, pointer: string): Complaint => ({
  pointer: pointer + mismatch.pointer,
  message: `The value ${mismatch.message}.`,
});
