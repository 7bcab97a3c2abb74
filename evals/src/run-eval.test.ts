import type { Plan } from '@errand/contracts';
import type { Planner } from '@errand/ports/planner';
import { expect, it } from 'vitest';
import type { EvalCase } from './eval-case.ts';
import type { ServiceData } from './kit/service-data.ts';
import { madeUp } from './running-service.ts';
import { judgeSet } from './score.ts';

const json = (schema: Record<string, unknown>) => ({ content: { 'application/json': { schema } } });
const note = { type: 'object', properties: { id: { type: 'integer' }, text: { type: 'string' } } };

/** Notes that can be listed, searched by a POST, and written. */
const notes: ServiceData = {
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
  pages: { all: { by: 'all', answer: 'rows' } },
  operations: {
    listNotes: { list: 'notes' },
    addNote: { add: 'notes' },
    searchNotes: { list: 'notes', where: { text: ['same'] } },
  },
  rows: { notes: [{ id: 1, text: 'milk' }] },
};

const planOf = (operation: string, args: Plan['steps'][number]['args'] = {}): Plan => ({
  goal: 'notes',
  steps: [{ id: 'a', tool: `notes.${operation}`, args, reason: 'asked' }],
  result: { $: 'steps.a.output' },
});
const list = planOf('listNotes');
const add = planOf('addNote', { body: { text: 'bread' } });
const search = planOf('searchNotes', { body: { text: 'milk' } });

/** A planner that answers the given plans in turn. */
const scripted = (plans: Plan[]): Planner => ({
  plan: async () => {
    const plan = plans.shift();
    const usage = { inputTokens: 0, outputTokens: 0 };
    return plan
      ? { kind: 'plan', plan, usage, madeBy: 'script' }
      : { kind: 'none', code: 'no_plan', reason: 'no more', retryable: false, usage };
  },
});

const caseOf = (intent: string, expected: EvalCase['expect']): EvalCase => ({
  id: intent,
  services: ['notes'],
  intent,
  expect: expected,
});

it('makes the calls of a plan against the service, and gives each case fresh data', async () => {
  const cases = [
    caseOf('list', { calls: [{ operation: 'notes.listNotes', args: {} }], answer: ['milk'] }),
    caseOf('add', { calls: [{ operation: 'notes.addNote', args: { body: { text: 'bread' } } }], answer: [2] }),
    caseOf('list after a write', { calls: [], answer: ['milk'], answerNot: ['bread'] }),
    caseOf('write that was not asked for', { calls: [{ operation: 'notes.listNotes', args: {} }] }),
    caseOf('read by a POST', { calls: [{ operation: 'notes.searchNotes', args: { body: { text: 'milk' } } }] }),
    caseOf('refuse', { calls: [] }),
  ];
  const planner = scripted([list, add, list, add, search]);
  const judged = await judgeSet({ name: 'notes', services: [madeUp(notes)], cases }, planner);
  expect(judged.map(({ verdict }) => verdict)).toEqual(['right', 'right', 'right', 'wrong write', 'right', 'refused']);
  expect(judged[0]!.run.result).toEqual([{ id: 1, text: 'milk' }]);
});
