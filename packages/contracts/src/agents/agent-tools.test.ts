import { expect, test } from 'vitest';
import { listedAgentTool, schemaForClients } from './agent-tool.ts';
import { agentTools } from './agent-tools.ts';

const listed = Object.values(agentTools).map((tool) => listedAgentTool(tool));

/** Every schema within a schema, with its pointer. */
function* parts(schema: unknown, at = ''): Generator<[string, Record<string, unknown>]> {
  if (typeof schema !== 'object' || schema === null) return;
  if (!Array.isArray(schema)) yield [at, schema as Record<string, unknown>];
  for (const [key, value] of Object.entries(schema)) if (key !== 'examples') yield* parts(value, `${at}/${key}`);
}

/** The description of a field; of a list without one, that of its items. */
const describedBy = (field: { description?: string; items?: object }) =>
  field.description === undefined ? { ...field.items } : { description: field.description };

test.each(listed)('$name describes itself and each of its fields, without references', (tool) => {
  expect(tool.title).toBeTruthy();
  expect(tool.description.length).toBeGreaterThan(20);
  for (const schema of [tool.inputSchema, tool.outputSchema]) {
    for (const [at, part] of parts(schema)) {
      expect(part, at).not.toHaveProperty('$ref');
      // Strict clients reject the empty schema, and several types of one value.
      expect(Object.keys(part).length, at).toBeGreaterThan(0);
      expect(Array.isArray(part.type), at).toBe(false);
      expect(part, at).not.toHaveProperty('items', true);
      for (const [name, field] of Object.entries((part.properties as object | undefined) ?? {}))
        expect(JSON.stringify(describedBy(field)), `${at}/${name}`).toContain('"description":');
    }
  }
});

test('a tool that reads says so, and one that changes something does not', () => {
  const reading = listed.filter(({ annotations }) => annotations.readOnlyHint).map(({ name }) => name);
  expect(reading).toEqual(['list_integrations', 'search_tools', 'run_status', 'list_pending']);
});

test('a recursive schema keeps its reference; members next to a reference take precedence', () => {
  const tree = { type: 'array', items: { $ref: '#/$defs/tree' } };
  const word = { type: 'string', description: 'A word.' };
  const schema = { properties: { a: { $ref: '#/$defs/word', description: 'Another.' }, b: { $ref: '#/$defs/tree' } } };
  expect(schemaForClients({ ...schema, $defs: { tree, word } })).toEqual({
    properties: { a: { type: 'string', description: 'Another.' }, b: tree },
    $defs: { tree },
  });
});
