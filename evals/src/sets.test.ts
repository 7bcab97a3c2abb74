// Compares the made-up services and their cases with each other: a case that its service cannot answer measures nothing.
import type { Planner } from '@errand/ports/planner';
import { describe, expect, it } from 'vitest';
import type { EvalCall, EvalCase } from './eval-case.ts';
import { openService, type ServiceRequest } from './kit/open-service.ts';
import { schemaFault } from './kit/schema-fault.ts';
import type { DocumentOperation, Schema, ServiceData } from './kit/service-data.ts';
import { judgeSet } from './score.ts';
import { evalSets, readService } from './sets.ts';

type Args = { path?: Record<string, string>; query?: Record<string, unknown>; body?: Record<string, unknown> };
type Operation = DocumentOperation & { method: string; path: string };

const CASES = evalSets.flatMap((set) => set.cases);
const DEMO = ['crm', 'calendar'];
const MADE_UP = [...new Set(CASES.flatMap(({ services }) => services))].filter((id) => !DEMO.includes(id));
const REASONS = ['no such tool', 'nobody of that name', 'two of that name', 'something left over'];

const operationsOf = ({ document }: ServiceData): Operation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  );

const bodyOf = ({ requestBody }: Operation): Schema | undefined => requestBody?.content['application/json'].schema;

function requestOf({ method, path: template }: Operation, { path = {}, query = {}, body }: Args): ServiceRequest {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? '-'));
  const texts = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return { method: method.toUpperCase(), path: filled, query: texts, body };
}

/** Why arguments do not fit the document. */
function faultsOf(operation: Operation, { path = {}, query = {}, body }: Args): string[] {
  const declared = operation.parameters ?? [];
  const sent = { path, query } as Record<string, Record<string, unknown>>;
  const schema = bodyOf(operation);
  const faults = [
    ...Object.entries(sent).flatMap(([kind, values]) =>
      Object.entries(values).map(([name, value]) => {
        const parameter = declared.find((each) => each.name === name && each.in === kind);
        return parameter ? schemaFault(parameter.schema, value, name) : `${name} is no ${kind} parameter`;
      }),
    ),
    ...declared
      .filter(({ name, in: kind, required }) => required && sent[kind]?.[name] === undefined)
      .map(({ name }) => `${name} is missing`),
    schema ? schemaFault(schema, body ?? {}) : body && 'there is no request body',
  ];
  return faults.flatMap((fault) => (fault ? [`${operation.operationId}: ${fault}`] : []));
}

const callsOf = ({ expect: expected }: EvalCase): (readonly EvalCall[])[] =>
  'refuse' in expected ? [] : [expected.calls, ...(expected.anyOf ?? [])];

/** The texts that tell a right answer from a wrong one. */
const textsOf = ({ expect: expected }: EvalCase): string[] =>
  'refuse' in expected
    ? []
    : [...(expected.answer ?? []), ...(expected.answerNot ?? [])].filter((value) => typeof value === 'string');

/** Whether a request must have members in its query or its body. */
const needsArguments = (operation: Operation): boolean =>
  (operation.parameters ?? []).some((parameter) => parameter.in === 'query' && parameter.required) ||
  ((bodyOf(operation)?.required ?? []) as string[]).length > 0;

/** Makes calls one after another, each of which must fit the document and be answered. */
async function answersTo(
  calls: readonly EvalCall[],
  service: ServiceData,
  operations: ReadonlyMap<string, Operation>,
): Promise<string[]> {
  const { respond } = openService(service);
  const answers: string[] = [];
  for (const { operation: name, args } of calls) {
    const operation = operations.get(name);
    if (!operation) throw new Error(`There is no ${name}.`);
    expect(faultsOf(operation, args as Args)).toEqual([]);
    const { status, body } = await respond(requestOf(operation, args as Args));
    expect(status, name).toBeLessThan(300);
    answers.push(JSON.stringify(body));
  }
  return answers;
}

it('gives each case its own id, and a known reason for a refusal', () => {
  expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
  expect(CASES.length).toBe(696);
  const impossible = CASES.flatMap(({ expect: expected }) => ('refuse' in expected ? [expected.refuse] : []));
  expect(impossible.length).toBe(158);
  for (const reason of impossible) expect(REASONS).toContain(reason);
});

describe.each(MADE_UP)('%s', (id) => {
  const service = readService(id);
  const operations = operationsOf(service);
  const cases = CASES.filter(({ services }) => services.includes(id));

  it('describes every operation', () => {
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { operationId, summary, parameters = [] } of operations) {
      expect(summary, operationId).toBeTruthy();
      for (const { description } of parameters) expect(description).toBeTruthy();
    }
  });

  it.each(operations.filter(({ operationId }) => service.operations[operationId]))(
    'checks requests to $operationId',
    async (operation) => {
      const request = requestOf(operation, { body: bodyOf(operation) && {} });
      const { status } = await openService(service).respond(request);
      expect(status).toBe(needsArguments(operation) ? 422 : operation.path.includes('{') ? 404 : 200);
    },
  );

  it('serves only operations that it documents', () => {
    const documented = operations.map(({ operationId }) => operationId);
    for (const operation of Object.keys(service.operations)) expect(documented).toContain(operation);
  });

  it.each(cases)('answers each call that $id expects, and contains the texts of its answer', async (each) => {
    expect(each.services).toEqual([id]);
    const named = new Map(operations.map((operation) => [`${id}.${operation.operationId}`, operation]));
    const texts = [JSON.stringify(service.rows)];
    for (const calls of callsOf(each)) texts.push(...(await answersTo(calls, service, named)));
    for (const text of textsOf(each)) expect(texts.some((known) => known.includes(text))).toBe(true);
  });
});

/** Plans the expected calls of each case, one after another. */
const expecting = (cases: readonly EvalCase[]): Planner => ({
  plan: async ({ intent }) => {
    const expected = cases.find((each) => each.intent === intent)!.expect;
    const calls = 'refuse' in expected ? [] : expected.calls;
    const steps = calls.map(({ operation: tool, args }, i) => ({
      id: `s${i}`,
      tool,
      args,
      reason: 'expected',
      ...(i > 0 && { dependsOn: [`s${i - 1}`] }),
    }));
    const usage = { inputTokens: 0, outputTokens: 0 };
    return { kind: 'plan', plan: { goal: intent, steps, result: null }, usage, madeBy: 'case' };
  },
});

it('makes the expected calls of the demo services', async () => {
  const demo = evalSets.find(({ name }) => name === 'demo')!;
  const cases = demo.cases.filter(({ expect: expected }) => !('refuse' in expected));
  const judged = await judgeSet({ ...demo, cases }, expecting(cases));
  for (const { case: each, run } of judged)
    expect([each.id, run.status, run.reason]).toEqual([each.id, 'SUCCESS', undefined]);
});
