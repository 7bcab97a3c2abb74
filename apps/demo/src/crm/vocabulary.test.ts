// Every documented operation is called over HTTP under several vocabularies. Operations, parameters and fields of a
// renamed document are matched with the plain ones by their position alone, so that no code of the service is trusted here.
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CrmDocument, PublicOperation } from './document.ts';
import type { Schema } from './schema.ts';
import { type Crm, startCrm } from './start.ts';
import { vocabulary } from './vocabulary.ts';

type Call = { id?: string; query?: Record<string, unknown>; body?: Record<string, unknown>; status?: number };

const account = { name: 'Lakeside Foods', industry: 'Retail', region: 'EMEA', ownerId: 'usr_000002' };
const deal = { accountId: 'acc_000002', name: 'Trial', amount: 1234.56, stage: 'qualified', ownerId: 'usr_000002' };
const activity = { type: 'call', accountId: 'acc_000002', subject: 'Hello', scheduledAt: '2026-01-15T10:00:00Z' };

/** One request for each operation, in plain words and in the order of the document; what it deletes it makes before. */
const CALLS: Readonly<Record<string, Call>> = {
  listAccounts: { query: { name: 'northwind', industry: 'Food & Beverage', limit: 5 } },
  createAccount: { body: account },
  getAccount: { id: 'acc_000001' },
  updateAccount: { id: 'acc_000057', body: { region: 'APAC' } },
  deleteAccount: { id: 'acc_000057' },
  listContacts: { query: { accountId: 'acc_000001' } },
  createContact: { body: { accountId: 'acc_000001', name: 'Hana Ito', email: 'hana.ito@northwind.example' } },
  getContact: { id: 'con_000001' },
  listUsers: { query: { name: 'dana' } },
  getUser: { id: 'usr_000001' },
  listDeals: { query: { accountId: 'acc_000001', minAmount: 50_000, sortBy: 'closeDate', order: 'desc', limit: 2 } },
  createDeal: { body: { ...deal, closeDate: '2026-03-01' } },
  getDeal: { id: 'dea_000001' },
  updateDeal: { id: 'dea_000135', body: { stage: 'won', amount: 2000.01 } },
  deleteDeal: { id: 'dea_000135' },
  listSales: { query: { year: 2023, quarter: 'Q4', region: 'EMEA' } },
  getSalesSummary: { query: { year: 2023, quarter: 'Q4' } },
  getSale: { id: 'sal_000001' },
  listActivities: { query: { type: 'call', status: 'completed' } },
  createActivity: { body: activity },
  getActivity: { id: 'act_000091' },
  updateActivity: { id: 'act_000091', body: { type: 'meeting', notes: 'Moved.' } },
  listTickets: { query: { priority: 'urgent' } },
  createTicket: { body: { accountId: 'acc_000001', subject: 'Export is slow' } },
  getTicket: { id: 'tic_000001' },
  listProducts: { query: { sku: 'RP-100' } },
};

type Placed = { method: string; path: string; operation: PublicOperation };
const placed = ({ paths }: CrmDocument): Placed[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

const component = (document: CrmDocument, schema: Schema) =>
  document.components.schemas[schema.$ref?.split('/').at(-1) ?? '']!;

/** Members of an object under the names and enum values at the same positions of another schema. */
function rename(value: Record<string, unknown>, from: Record<string, Schema>, to: Record<string, Schema>) {
  const [plain, renamed] = [Object.entries(from), Object.entries(to)];
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const index = plain.findIndex(([candidate]) => candidate === name);
      const values = plain[index]![1].enum;
      const [renamedTo, schema] = renamed[index]!;
      return [renamedTo, values ? schema.enum![values.indexOf(member as string)] : member];
    }),
  );
}

const querySchemas = ({ parameters }: PublicOperation) =>
  Object.fromEntries(parameters.filter((each) => each.in === 'query').map(({ name, schema }) => [name, schema]));

async function call(crm: Crm, plain: CrmDocument, index: number) {
  const { operation: plainOperation } = placed(plain)[index]!;
  const { method, path, operation } = placed(crm.document)[index]!;
  const { id = '', query = {}, body } = CALLS[plainOperation.operationId]!;
  const search = Object.entries(rename(query, querySchemas(plainOperation), querySchemas(operation)));
  const url = new URL(crm.document.servers[0]!.url + path.replace(/\{\w+\}/, id));
  for (const [name, value] of search) url.searchParams.set(name, String(value));
  const schemaOf = (document: CrmDocument, { requestBody }: PublicOperation) =>
    component(document, requestBody!.content['application/json'].schema).properties!;
  const sent = body && rename(body, schemaOf(plain, plainOperation), schemaOf(crm.document, operation));
  const headers = { authorization: `Bearer ${crm.token}`, ...(sent && { 'content-type': 'application/json' }) };
  const answer = await fetch(url, { method, headers, body: sent && JSON.stringify(sent) });
  const text = await answer.text();
  return { status: answer.status, body: text ? (JSON.parse(text) as unknown) : undefined, operation };
}

/** Leaves of a value in their order, without names, times of now and words of enumerations. */
const leaves = (value: unknown): unknown[] =>
  value !== null && typeof value === 'object' ? Object.values(value).flatMap(leaves) : [value];
const steady = (value: unknown) =>
  leaves(value)
    .map((leaf) => ({ phone_call: 'call', appointment: 'meeting' })[String(leaf)] ?? leaf)
    .filter((leaf) => !String(leaf).startsWith(new Date().toISOString().slice(0, 10)));

/** Validators of the documented answers; a member that is not documented is a fault here. */
function answers(document: CrmDocument): (operation: PublicOperation, status: number) => ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const closed = JSON.parse(JSON.stringify(document.components), (_, value) =>
    value?.properties ? { ...value, additionalProperties: false } : value,
  );
  ajv.addSchema({ $id: 'crm', components: closed });
  return ({ responses }, status) => {
    const content = (responses[status] as { content: { 'application/json': { schema: Schema } } }).content;
    return ajv.compile({ $ref: `crm${content['application/json'].schema.$ref}` });
  };
}

let plain: Crm;
const first: Awaited<ReturnType<typeof call>>[] = [];
beforeAll(async () => {
  plain = await startCrm();
  for (const index of placed(plain.document).keys()) first.push(await call(plain, plain.document, index));
});
afterAll(() => plain.close());

it('has a request for each documented operation', () => {
  expect(Object.keys(CALLS).sort()).toEqual(
    placed(plain.document)
      .map(({ operation }) => operation.operationId)
      .sort(),
  );
});

describe.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('the service under vocabulary %i', (seed) => {
  let crm: Crm;
  beforeAll(async () => {
    crm = await startCrm({ vocabulary: vocabulary(seed) });
  });
  afterAll(() => crm.close());

  it('answers each operation as documented, with the same values as the plain one', async () => {
    const answerOf = answers(crm.document);
    for (const [index, expected] of first.entries()) {
      const { status, body, operation } = await call(crm, plain.document, index);
      expect([operation.operationId, status]).toEqual([operation.operationId, expected.status]);
      expect(Object.keys(operation.responses)).toContain(String(status));
      expect([operation.operationId, steady(body)]).toEqual([operation.operationId, steady(expected.body)]);
      if (status === 204) continue;
      const validate = answerOf(operation, status);
      expect({ valid: validate(body), errors: validate.errors }).toEqual({ valid: true, errors: null });
    }
  });

  it('answers an unknown id with the documented error', async () => {
    const { path, operation } = placed(crm.document).find(({ operation }) => operation.responses[404] !== undefined)!;
    const url = crm.document.servers[0]!.url + path.replace(/\{\w+\}/, 'none');
    const answer = await fetch(url, { headers: { authorization: `Bearer ${crm.token}` } });
    expect([operation.operationId, answer.status]).toEqual([operation.operationId, 404]);
    const error = component(crm.document, { $ref: '#/components/schemas/Error' });
    const body: unknown = await answer.json();
    expect(new Ajv({ strict: false }).compile(error)(body)).toBe(true);
  });
});

it('asks a renamed service in its own words only', async () => {
  const crm = await startCrm({ vocabulary: vocabulary(1) });
  const headers = { authorization: `Bearer ${crm.token}` };
  const answer = await fetch(`${crm.url}/v1/deals`, { headers });
  await crm.close();
  expect(answer.status).toBe(404);
});
