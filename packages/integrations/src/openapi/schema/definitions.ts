import type { JsonSchema } from '@errand/contracts';
import { atPointer, type Context, type Node } from '../document/document.ts';
import { type Draft, defineName, type Link, undoDefinitions } from './draft.ts';
import { SchemaWriter } from './schema.ts';

/** Writes the definitions of a draft, nearest first, until the budget is spent. Further ones accept anything. */
export function writeDefinitions(context: Context, draft: Draft, budget: { bytes: number; subschemas: number }) {
  const definitions: Record<string, unknown> = {};
  let bytes = budget.bytes;
  let subschemas = budget.subschemas;
  let cutCount = 0;
  for (let entry = draft.queue.shift(); entry; entry = draft.queue.shift()) {
    const before = { names: draft.names.size, queued: draft.queue.length };
    const definition = reuseDefinition(context, draft, entry) ?? writeDefinition(context, draft, entry);
    const size = definition.textLength + entry.name.length + 8;
    if (size > bytes || definition.subschemas > subschemas) {
      // Definitions that only this one refers to are no longer needed.
      undoDefinitions(draft, before);
      definitions[entry.name] = {};
      cutCount++;
      continue;
    }
    bytes -= size;
    subschemas -= definition.subschemas;
    definitions[entry.name] = definition.schema;
  }
  return { definitions, cut: cutCount };
}

/** A definition as one tool has it. Another tool may have it too, if the definitions that it refers to have the same names there. */
type WrittenDefinition = {
  schema: JsonSchema | boolean;
  textLength: number;
  subschemas: number;
  links: readonly Link[];
  warnings: readonly (readonly [pointer: string, message: string])[];
};

/** The definitions of each document that were written before, because most of them belong to many tools. */
const writtenDefinitions = new WeakMap<Node, Map<string, WrittenDefinition>>();

function definitionsOf({ root }: Context): Map<string, WrittenDefinition> {
  const existing = writtenDefinitions.get(root);
  if (existing) return existing;
  const definitions = new Map<string, WrittenDefinition>();
  writtenDefinitions.set(root, definitions);
  return definitions;
}

type QueuedDefinition = Draft['queue'][number];

const definitionKey = ({ direction }: Draft, { ref, isClosed }: QueuedDefinition): string =>
  `${direction} ${isClosed ? 'closed' : 'open'} ${ref}`;

/** The definition as an earlier tool has it, with the same warnings; undefined if it must be written. */
function reuseDefinition(context: Context, draft: Draft, entry: QueuedDefinition): WrittenDefinition | undefined {
  const definition = definitionsOf(context).get(definitionKey(draft, entry));
  if (!definition) return undefined;
  // Writing it would name its references in the same order.
  const names = definition.links.map(({ ref, isClosed }) => defineName(draft, ref, isClosed));
  if (definition.links.some(({ name }, index) => name !== names[index])) return undefined;
  for (const [pointer, message] of definition.warnings) context.warn(pointer, message);
  return definition;
}

function writeDefinition(context: Context, draft: Draft, entry: QueuedDefinition): WrittenDefinition {
  const warnings: [string, string][] = [];
  const warn = (pointer: string, message: string) => {
    warnings.push([pointer, message]);
    context.warn(pointer, message);
  };
  const writer = new SchemaWriter({ ...context, warn }, draft);
  const schema = writer.write(atPointer(context.root, entry.ref), {
    pointer: entry.ref.slice(1),
    isClosed: entry.isClosed,
    depth: 1,
  });
  const { subschemas, links } = writer;
  const definition = { schema, textLength: JSON.stringify(schema).length, subschemas, links, warnings };
  definitionsOf(context).set(definitionKey(draft, entry), definition);
  return definition;
}
