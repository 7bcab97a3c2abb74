import type { Plan } from '@errand/contracts';
import type { Planner } from '@errand/ports/planner';
import { expect, it } from 'vitest';
import type { EvalCase } from './eval-case.ts';
import type { EvalService } from './eval-service.ts';
import { madeUp } from './running-service.ts';
import { judgeSet } from './score.ts';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const note = { type: 'object', properties: { id: { type: 'integer' }, text: { type: 'string' } } };

/** Notes that can be listed, searched by a POST, and written. */
const notes: EvalService = {
  id: 'notes',
  name: 'Notes',
  reads: ['searchNotes'],
  document: {
    openapi: '3.1.0',
    info: { title: 'Notes', version: '1' },
    paths: {
      '/notes': {
        get: {
          operationId: 'listNotes',
          summary: 'List notes',
          parameters: [{ name: 'page', in: 'query', schema: { type: 'integer' } }],
          responses: { 200: { description: 'Notes.', ...json({ type: 'array', items: note }) } },
        },
        post: {
          operationId: 'addNote',
          summary: 'Add a note',
          requestBody: { required: true, ...json(note) },
          responses: { 201: { description: 'The note.', ...json(note) } },
        },
      },
      '/notes/search': {
        post: {
          operationId: 'searchNotes',
          summary: 'Search notes',
          requestBody: { required: true, ...json(note) },
          responses: { 200: { description: 'Notes.', ...json({ type: 'array', items: note }) } },
        },
      },
    },
  },
  open() {
    const rows = [{ id: 1, text: 'milk' }];
    return {
      respond({ method, path, body }) {
        if (method === 'GET') return { status: 200, body: rows };
        const { text } = body as { text: string };
        if (path === '/notes/search') return { status: 200, body: rows.filter((row) => row.text === text) };
        const row = { id: rows.length + 1, text };
        rows.push(row);
        return { status: 201, body: row };
      },
    };
  },
};

const planOf = (operation: string, args: Plan['steps'][number]['args'] = {}): Plan => ({
  goal: 'notes',
  steps: [{ id: 'a', tool: `notes.${operation}`, args, reason: 'asked' }],
  result: { $: 'steps.a.output' },
});
const list = planOf('listNotes');
const add = planOf('addNote', { body: { text: 'bread' } });
const search = planOf('searchNotes', { body: { text: 'milk' } });

/** A planner that answers plans that were made up in advance. */
const scripted = (plans: Plan[]): Planner => ({
  plan: async () => {
    const plan = plans.shift();
    const usage = { inputTokens: 0, outputTokens: 0 };
    return plan
      ? { kind: 'plan', plan, usage, madeBy: 'script' }
      : { kind: 'none', code: 'no_plan', reason: 'no more', retryable: false, usage };
  },
});

const asked = (intent: string, expected: EvalCase['expect']): EvalCase => ({
  id: intent,
  services: ['notes'],
  intent,
  expect: expected,
});

it('makes the calls of a plan against the service, and gives each case fresh data', async () => {
  const cases = [
    asked('list', { calls: [{ operation: 'notes.listNotes', args: {} }], answer: ['milk'] }),
    asked('add', { calls: [{ operation: 'notes.addNote', args: { body: { text: 'bread' } } }], answer: [2] }),
    asked('list after a write', { calls: [], answer: ['milk'], answerNot: ['bread'] }),
    asked('write that was not asked for', { calls: [{ operation: 'notes.listNotes', args: {} }] }),
    asked('read by a POST', { calls: [{ operation: 'notes.searchNotes', args: { body: { text: 'milk' } } }] }),
    asked('refuse', { calls: [] }),
  ];
  const planner = scripted([list, add, list, add, search]);
  const judged = await judgeSet({ name: 'notes', services: [madeUp(notes)], cases }, planner);
  expect(judged.map(({ verdict }) => verdict)).toEqual(['right', 'right', 'right', 'wrong write', 'right', 'refused']);
  expect(judged[0]!.run.result).toEqual([{ id: 1, text: 'milk' }]);
});
