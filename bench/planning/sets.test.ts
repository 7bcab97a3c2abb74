// Holds the made-up sets to their own documents and data: a case that no service can answer would measure nothing.
import type { Planner } from '@errand/ports/planner';
import { describe, expect, it } from 'vitest';
import { blindSets } from './blind-sets.ts';
import type { EvalCall, EvalCase } from './eval-case.ts';
import type { EvalAnswer, EvalRequest, EvalService } from './eval-service.ts';
import { judgeSet } from './score.ts';
import { fault, type Schema } from './sets/schemas.ts';
import { evalSets, madeUpSets } from './sets.ts';

type Args = { path?: Record<string, string>; query?: Record<string, unknown>; body?: Record<string, unknown> };
type Parameter = { name: string; in: string; required?: boolean; description?: string; schema: Schema };
type Operation = {
  method: string;
  path: string;
  operationId: string;
  summary?: string;
  parameters?: Parameter[];
  requestBody?: { content: { 'application/json': { schema: Schema } } };
};

const MADE_UP = [...madeUpSets, ...Object.values(blindSets).flat()];
const REASONS = ['no such tool', 'nobody of that name', 'two of that name', 'something left over'];

const operationsOf = ({ document }: EvalService): Operation[] =>
  Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  );
const bodyOf = ({ requestBody }: Operation): Schema | undefined => requestBody?.content['application/json'].schema;

/** Whether a request needs something in its query. */
const mustBeAsked = ({ parameters = [] }: Operation): boolean =>
  parameters.some(({ in: kind, required }) => kind === 'query' && required);

function requestOf({ method, path: template }: Operation, { path = {}, query = {}, body }: Args): EvalRequest {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? '-'));
  const texts = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return { method: method.toUpperCase(), path: filled, query: texts, body };
}

/** What is wrong with arguments by the document. */
function faultsOf(operation: Operation, { path = {}, query = {}, body }: Args): string[] {
  const declared = operation.parameters ?? [];
  const given = { path, query } as Record<string, Record<string, unknown>>;
  const schema = bodyOf(operation);
  const wrong = [
    ...Object.entries(given).flatMap(([kind, values]) =>
      Object.entries(values).map(([name, value]) => {
        const parameter = declared.find((one) => one.name === name && one.in === kind);
        return parameter ? fault(parameter.schema, value, name) : `${name} is no ${kind} parameter`;
      }),
    ),
    ...declared
      .filter(({ name, in: kind, required }) => required && given[kind]?.[name] === undefined)
      .map(({ name }) => `${name} is missing`),
    schema ? fault(schema, body ?? {}) : body && 'there is no request body',
  ];
  return wrong.flatMap((one) => (one ? [`${operation.operationId}: ${one}`] : []));
}

const callsOf = ({ expect: expected }: EvalCase): (readonly EvalCall[])[] =>
  'refuse' in expected ? [] : [expected.calls, ...(expected.anyOf ?? [])];

/** All that a service holds, by reading all pages of its lists. */
function everything(service: EvalService): string {
  const { respond } = service.open();
  const seen: string[] = [];
  for (const operation of operationsOf(service)) {
    const members = bodyOf(operation)?.properties ?? {};
    if (operation.path.includes('{') || (operation.method !== 'get' && !('offset' in (members as object)))) continue;
    if (mustBeAsked(operation)) continue;
    const names = (operation.parameters ?? []).map(({ name }) => name);
    const pages = (turn: number, next: unknown): Args | undefined => {
      if (operation.method === 'post') return { body: { offset: turn * 20 } };
      const mark = ['cursor', 'marker'].find((one) => names.includes(one));
      if (mark !== undefined) return next ? { query: { [mark]: next } } : undefined;
      const name = ['page', 'pg'].find((one) => names.includes(one));
      return name === undefined ? undefined : { query: { [name]: turn + 1 } };
    };
    let args: Args | undefined = operation.method === 'post' ? { body: { offset: 0 } } : {};
    for (let turn = 1; args && turn < 20; turn++) {
      const { status, body } = respond(requestOf(operation, args)) as EvalAnswer & { body: Record<string, unknown> };
      if (status !== 200) throw new Error(`${operation.operationId} answers ${status}.`);
      seen.push(JSON.stringify(body));
      const rows = (body.items ?? body.data ?? body.rows) as unknown[];
      args = rows.length > 0 ? pages(turn, body.next_cursor ?? body.nextMarker) : undefined;
    }
  }
  return seen.join('\n');
}

it('gives each case an id of its own, and a reason that judges know', () => {
  const cases = evalSets.flatMap((set) => set.cases);
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  expect(cases.length).toBeGreaterThanOrEqual(100);
  const impossible = cases.flatMap(({ expect: expected }) => ('refuse' in expected ? [expected.refuse] : []));
  expect(impossible.length).toBeGreaterThanOrEqual(25);
  for (const reason of impossible) expect(REASONS).toContain(reason);
});

describe.each(MADE_UP.map((set) => [set.service.id, set] as const))('%s', (_, { service, cases }) => {
  it('describes every operation, and refuses bad requests', () => {
    const operations = operationsOf(service);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const operation of operations) {
      expect(operation.summary, operation.operationId).toBeTruthy();
      for (const { description } of operation.parameters ?? []) expect(description).toBeTruthy();
      const schema = bodyOf(operation);
      const required = mustBeAsked(operation) || ((schema?.required ?? []) as string[]).length > 0;
      const { status } = service.open().respond(requestOf(operation, { body: schema && {} }));
      expect(status, operation.operationId).toBe(required ? 422 : operation.path.includes('{') ? 404 : 200);
    }
  });

  it('answers each call that a case expects', () => {
    const operations = new Map(operationsOf(service).map((one) => [`${service.id}.${one.operationId}`, one]));
    for (const one of cases) {
      expect(one.services).toEqual([service.id]);
      for (const calls of callsOf(one)) {
        const { respond } = service.open();
        for (const { operation: name, args } of calls) {
          const operation = operations.get(name);
          if (!operation) throw new Error(`${one.id}: there is no ${name}.`);
          expect(faultsOf(operation, args as Args), one.id).toEqual([]);
          expect(respond(requestOf(operation, args as Args)).status, `${one.id} ${name}`).toBeLessThan(300);
        }
      }
    }
  });

  it('holds the texts that answers are told apart by', () => {
    const lists = everything(service);
    const operations = new Map(operationsOf(service).map((one) => [`${service.id}.${one.operationId}`, one]));
    for (const one of cases) {
      const { id, expect: expected } = one;
      if ('refuse' in expected) continue;
      const { respond } = service.open();
      // Lists inside other things are reached only by the calls of a case.
      const own = callsOf(one)
        .flat()
        .map(({ operation, args }) =>
          JSON.stringify(respond(requestOf(operations.get(operation)!, args as Args)).body),
        );
      const data = [lists, ...own].join('\n');
      for (const text of [...(expected.answer ?? []), ...(expected.answerNot ?? [])])
        if (typeof text === 'string') expect(data.includes(text), `${id}: ${text}`).toBe(true);
    }
  });
});

/** Plans what a case expects, call after call. */
const expecting = (cases: readonly EvalCase[]): Planner => ({
  plan: async ({ intent }) => {
    const expected = cases.find((one) => one.intent === intent)!.expect;
    const calls = 'refuse' in expected ? [] : expected.calls;
    const steps = calls.map(({ operation: tool, args }, i) => ({
      ...{ id: `s${i}`, tool, args, reason: 'expected' },
      ...(i > 0 && { dependsOn: [`s${i - 1}`] }),
    }));
    const usage = { inputTokens: 0, outputTokens: 0 };
    return { kind: 'plan', plan: { goal: intent, steps, result: null }, usage, madeBy: 'case' };
  },
});

it.each(evalSets)(
  '$name: the expected calls are made and answered',
  async (set) => {
    const cases = set.cases.filter(({ expect: expected }) => !('refuse' in expected));
    const judged = await judgeSet({ ...set, cases }, expecting(cases));
    for (const { case: one, run } of judged)
      expect([one.id, run.status, run.reason]).toEqual([one.id, 'SUCCESS', undefined]);
  },
  60_000,
);
