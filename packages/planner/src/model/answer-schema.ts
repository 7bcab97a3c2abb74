import type { JsonSchema } from '@errand/contracts';

/**
 * The shape of a planning answer, for endpoints that enforce a schema. It is open wherever the checker is stricter, so it never forbids a
 * valid plan.
 */
export const ANSWER_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    goal: { type: 'string' },
    steps: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          tool: { type: 'string' },
          args: { type: 'object', additionalProperties: true },
        },
        required: ['id', 'tool'],
        additionalProperties: true,
      },
    },
    ask: {
      type: 'object',
      properties: { question: { type: 'string' } },
      required: ['question'],
      additionalProperties: true,
    },
    none: { type: 'string' },
    tools: { type: 'array', items: { type: 'string' } },
    search: { type: 'array', items: { type: 'string' } },
  },
  additionalProperties: true,
};
