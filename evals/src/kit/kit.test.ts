import { expect, it } from 'vitest';
import { openService, type ServiceAnswer } from './open-service.ts';
import type { ServiceData } from './service-data.ts';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const text = { type: 'string' };
const whole = { type: 'integer', minimum: 1 };
const query = (name: string, schema: object) => ({ name, in: 'query', description: name, schema });
const done = { 200: { description: 'Done', ...json({}) } };
const added = { 201: { description: 'Done', ...json({}) } };
const body = (properties: object, required: string[] = []) => ({
  requestBody: json({ type: 'object', properties, required }),
});
const operation = (operationId: string, more: object = {}) => ({ operationId, responses: done, ...more });

/** A library: members borrow copies. */
const LIBRARY = {
  id: 'library',
  name: 'Library',
  keys: { books: 'isbn' },
  refs: { memberId: 'members', isbn: 'books' },
  pages: {
    all: { by: 'all', answer: { data: 'rows' } },
    page: { by: 'cursor', at: 'cursor', size: 'limit', rows: 2, mark: 'c', answer: { data: 'rows', 'next?': 'next' } },
    numbered: { by: 'number', at: 'page', rows: 2, answer: { rows: 'rows', page: 'page', of: 'pages' } },
  },
  operations: {
    listBooks: { list: 'books', page: 'page', where: { title: ['contains'], from: ['since', 'boughtOn'] } },
    listMembers: { list: 'members', page: 'numbered', where: { active: '=($row.state = "active") = $value' } },
    listLoans: { list: 'loans', within: 'memberId' },
    lend: {
      add: 'loans',
      within: 'memberId',
      checks: [{ when: 'books[isbn = $args.isbn].copies = 0', status: 409, error: 'No copy is left' }],
      defaults: { days: 14 },
      set: { title: '=books[isbn = $args.isbn].title' },
      also: [{ change: 'books', id: '=$args.isbn', set: { copies: '=books[isbn = $args.isbn].copies - 1' } }],
    },
    extend: { change: 'loans', id: 'loanId', within: 'memberId', takes: ['days'], unset: ['remark'] },
    giveBack: { remove: 'loans', id: 'loanId', within: 'memberId' },
    suspend: { change: 'members', id: 'memberId', only: { state: ['active'] }, set: { state: 'suspended' } },
    count: { answer: { loans: '=$count(loans)' } },
    read: { add: 'readings', unique: ['memberId'] },
  },
  document: {
    openapi: '3.1.0',
    paths: {
      '/books': {
        get: operation('listBooks', {
          parameters: [
            query('title', text),
            query('from', text),
            query('cursor', text),
            query('limit', whole),
            query('sort', text),
          ],
        }),
      },
      '/members': {
        get: operation('listMembers', { parameters: [query('page', whole), query('active', { type: 'boolean' })] }),
      },
      '/members/{memberId}/loans': {
        get: operation('listLoans'),
        post: operation('lend', { responses: added, ...body({ isbn: text, days: whole }, ['isbn']) }),
      },
      '/members/{memberId}/loans/{loanId}': {
        patch: operation('extend', body({ days: whole })),
        delete: operation('giveBack', { responses: { 204: { description: 'Done' } } }),
      },
      '/members/{memberId}/suspend': { post: operation('suspend') },
      '/loans/count': { get: operation('count') },
      '/loans/{loanId}': { get: operation('getLoan') },
      '/readings': { post: operation('read', { responses: added, ...body({ memberId: text, pages: whole }) }) },
    },
  },
  rows: {
    books: [
      { isbn: 'b1', title: 'Tides', copies: 1, boughtOn: '2026-01-05' },
      { isbn: 'b2', title: 'The Tide Tables', copies: 0, boughtOn: '2026-03-01' },
      { isbn: 'b3', title: 'Low tide', copies: 2, boughtOn: null },
    ],
    members: [
      { id: 'm1', state: 'active' },
      { id: 'm2', state: 'suspended' },
      { id: 'm3', state: 'active' },
    ],
    loans: [{ id: 'l08', memberId: 'm1', isbn: 'b1', days: 14, remark: 'torn' }],
    readings: [],
  },
} as unknown as ServiceData;

const open = () => {
  const { respond } = openService(LIBRARY);
  return (call: string, sent?: unknown): Promise<ServiceAnswer> => {
    const [method = '', url = ''] = call.split(' ');
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    return respond({ method, path: pathname, query: Object.fromEntries(searchParams), body: sent });
  };
};

it('answers the rows that fit, in order and in pages', async () => {
  const call = open();
  expect(await call('GET /books?title=TIDE&sort=-title')).toEqual({
    status: 200,
    body: { data: [LIBRARY.rows.books![0], LIBRARY.rows.books![1]], next: 'c2' },
  });
  expect((await call('GET /books?cursor=c2')).body).toEqual({ data: [LIBRARY.rows.books![2]] });
  expect((await call('GET /books?from=2026-02-01')).body).toEqual({ data: [LIBRARY.rows.books![1]] });
  expect((await call('GET /members?page=2')).body).toMatchObject({ rows: [{ id: 'm3' }], page: 2, of: 2 });
  expect((await call('GET /members?active=false')).body).toMatchObject({ rows: [{ id: 'm2' }] });
  expect((await call('GET /loans/count')).body).toEqual({ loans: 1 });
});

it('adds, changes and removes rows', async () => {
  const call = open();
  const loan = { id: 'l09', memberId: 'm2', days: 14, isbn: 'b1', title: 'Tides' };
  expect(await call('POST /members/m2/loans', { isbn: 'b1' })).toEqual({ status: 201, body: loan });
  expect((await call('GET /books?title=tides')).body).toMatchObject({ data: [{ copies: 0 }] });
  expect((await call('PATCH /members/m1/loans/l08', { days: 20 })).body).toEqual({
    id: 'l08',
    memberId: 'm1',
    isbn: 'b1',
    days: 20,
  });
  expect(await call('DELETE /members/m1/loans/l08')).toEqual({ status: 204 });
  expect((await call('GET /members/m1/loans')).body).toEqual({ data: [] });
  await call('POST /readings', { memberId: 'm1', pages: 3 });
  expect((await call('POST /readings', { memberId: 'm1', pages: 4 })).body).toMatchObject({ id: '1', pages: 4 });
});

it('keeps writes in its own rows', async () => {
  await open()('POST /members/m1/suspend');
  expect((await open()('GET /members?active=true')).body).toMatchObject({ rows: [{ id: 'm1' }, { id: 'm3' }] });
});

it.each([
  ['GET /nowhere', undefined, 404],
  ['GET /loans/l08', undefined, 501],
  ['GET /members?page=0', undefined, 422],
  ['GET /members?page=two', undefined, 422],
  ['GET /books?cursor=elsewhere', undefined, 422],
  ['GET /members/m9/loans', undefined, 404],
  ['POST /members/m1/loans', {}, 422],
  ['POST /members/m1/loans', { isbn: 'b9' }, 422],
  ['POST /members/m1/loans', { isbn: 'b1', colour: 'red' }, 422],
  ['POST /members/m1/loans', { isbn: 'b2' }, 409],
  ['PATCH /members/m2/loans/l08', { days: 20 }, 404],
  ['POST /members/m2/suspend', undefined, 409],
])('refuses %s %j with %i', async (call, sent, status) => {
  expect((await open()(call, sent)).status).toBe(status);
});
