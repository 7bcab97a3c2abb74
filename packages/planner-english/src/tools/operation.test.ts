// What is read of tools: what they do, to what, and what their arguments and answers identify.
import { describe, expect, it } from 'vitest';
import { type Sketch, service } from '../testing/tools.ts';
import { catalogOf } from './catalog.ts';
import { operationOf } from './operation.ts';

const operation = (sketch: Omit<Sketch, 'name'> & { name?: string }) =>
  operationOf(service('x', 'X', [{ name: 'op', ...sketch }])[0]!);
const texts = (list: readonly { text: string }[]) => list.map(({ text }) => text);

describe('what a tool does, and to what', () => {
  it.each<[string, string, string, string | undefined, string[]]>([
    ['GET /orders', 'List orders', 'list', 'list', ['orders']],
    ['GET /orders/{orderId}', 'Get an order', 'get', 'get', ['orders']],
    ['POST /orders', 'Place an order', 'create', 'place', ['orders']],
    ['PATCH /orders/{orderId}', 'Change an order', 'update', 'change', ['orders']],
    ['DELETE /orders/{orderId}', 'Delete an order', 'delete', 'delete', ['orders']],
    ['POST /orders/{orderId}/send', 'Send an order', 'act', 'send', ['orders']],
    ['PUT /lots/{lot}/quarantine', 'Release a lot from quarantine', 'update', 'release', ['quarantine']],
    ['POST /smp/{ref_no}/rej', 'Reject sample', 'act', 'reject', ['sample']],
  ])('%s', (call, title, ...expected) => {
    const read = operation({
      call,
      title,
      answer: call.endsWith('s') && call.startsWith('GET') ? { rows: [{ id: 'string' }] } : { id: 'string' },
    });
    expect([read.action, read.verbs[0]?.text, texts(read.nouns)]).toEqual(expected);
  });

  it('a verb of its own is a command', () => {
    const { commands } = catalogOf(
      service('x', 'X', [
        { call: 'POST /lots/{lotId}/release', name: 'releaseLot', title: 'Release a lot', answer: { id: 'string' } },
        { call: 'GET /lots', name: 'lots', title: 'Browse the lots', answer: { lots: [{ id: 'string' }] } },
      ]),
    );
    expect([commands('release'), commands('browse'), commands('lots')]).toEqual([true, false, false]);
  });
});

describe('what an argument is', () => {
  it.each<[string, string, string, string[]]>([
    ['owner_id', 'string: Id of the owner.', 'id', ['owner']],
    ['interviewerId', 'string: User who interviews.', 'id', ['interviewer']],
    ['drvNo', 'string: Driver number, e.g. D104', 'value', []],
    ['q', 'string: Search in the name.', 'search', []],
    ['per_page', 'integer', 'limit', []],
    ['marker', 'string: nextMarker of the answer before.', 'plumbing', []],
    ['sort', 'name|-name', 'sort', []],
    ['session_id', 'string', 'plumbing', ['session']],
  ])('%s', (name, short, use, noun) => {
    const [slot] = operation({ call: 'GET /things', title: 'List things', query: { [name]: short } }).slots;
    expect([slot!.use, texts(slot!.noun)]).toEqual([use, noun]);
  });

  it.each<[string, string[]]>([
    ['/sessions/{session_id}', ['session']],
    ['/drv/{drvNo}', ['drv']],
    ['/orders/{id}', ['orders']],
  ])('%s identifies', (path, noun) => {
    const [slot] = operation({ call: `GET ${path}`, title: 'Get one' }).slots;
    expect([slot!.use, texts(slot!.noun)]).toEqual(['id', noun]);
  });

  it.each<[string, string, 'low' | 'high' | undefined]>([
    ['minPrice', 'number', 'low'],
    ['until', 'date', 'high'],
    ['d1', 'date: Date in from', 'low'],
    ['d2', 'date: Date in to', 'high'],
    ['due', 'date: Due on this day or earlier.', 'high'],
    ['day', 'date', undefined],
  ])('%s bounds %s', (name, short, bound) => {
    const [slot] = operation({ call: 'GET /things', title: 'List things', query: { [name]: short } }).slots;
    expect(slot!.bound).toBe(bound);
  });

  it('some ids are of those who use the service', () => {
    const tools = service('x', 'X', [
      {
        call: 'GET /staff',
        name: 'listStaff',
        title: 'List staff',
        answer: { rows: [{ id: 'string', name: 'string', role: 'vet|nurse' }] },
      },
      {
        call: 'GET /visits',
        name: 'listVisits',
        title: 'List visits',
        query: {
          vet_id: 'string: Id of the vet.',
          pet_id: 'string: Id of the pet.',
          owner_id: 'string: Id of the owner.',
        },
      },
    ]);
    const catalog = catalogOf(tools);
    const { slots } = catalog.operations[1]!;
    expect(slots.map((slot) => [slot.name, catalog.isOfUser(slot)])).toEqual([
      ['vet_id', true],
      ['pet_id', false],
      ['owner_id', true],
    ]);
  });
});
