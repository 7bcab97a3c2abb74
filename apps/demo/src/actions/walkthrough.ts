// Previews an errand, runs it, stores it as an action, and runs the action with other inputs.
import { createRestClient } from '@errand/client/rest';
import { errands } from '../errands.ts';
import type { Endpoints } from '../walkthrough.ts';

/** Runs of the action. */
const RUNS = 100;
const ACCOUNTS = ['Northwind', 'Contoso'];
const KEY = 'demo-large-deals';

/** @returns descriptions of the faults; empty on success */
export async function actionsWalkthrough({ url, apiKey, say }: Endpoints): Promise<string[]> {
  const client = createRestClient({ url, apiKey });
  const faults: string[] = [];
  const expect = (fine: boolean, fault: string) => {
    if (!fine) faults.push(fault);
  };

  const errand = structuredClone(errands.largeDeals);
  say(`Before it is run, "${errand.intent}":`);
  const preflight = must(await client.POST('/v1/runs/preflight', { body: errand }));
  for (const line of preflight.words) say(`  ${line}`);
  const { calls, writes, atLeast } = preflight.estimate;
  say(
    `  ${atLeast ? 'at least ' : ''}${calls} calls, ${writes} of them write; ${preflight.missingConsents.length} consents are missing`,
  );
  const headers = { Prefer: 'wait=30' };
  const run = must(
    await client.POST('/v1/runs', { body: { ...errand, ...(preflight.plan && { plan: preflight.plan }) }, headers }),
  );
  if (run.answer === 'handle') throw new Error('The key may not read runs.');
  say(`  a run that brings the plan: ${run.status}`);
  expect(run.status === 'SUCCESS', `The run ended as ${run.status}.`);
  expect(textOf(run.plan.plan) === textOf(preflight.plan), 'The plan of the run is not the one that was shown.');

  await client.DELETE('/v1/actions/{key}', { params: { path: { key: KEY } } });
  const action = must(await client.POST('/v1/actions', { body: { key: KEY, runId: run.runId } }));
  const inputs = action.values.filter(({ bound }) => bound);
  say(
    `\nKept as the action ${KEY}. Its inputs: ${inputs.map(({ name, value }) => `${name} (${JSON.stringify(value)})`).join(', ')}`,
  );
  const [account, amount] = [nameOf(inputs, 'Northwind'), nameOf(inputs, 50000)];
  expect(account !== '' && amount !== '', 'The account or the amount is no input.');

  const overheads: number[] = [];
  let planned = 0;
  let timed = false;
  for (let n = 0; n < RUNS; n++) {
    const input = { [account]: ACCOUNTS[n % ACCOUNTS.length], [amount]: 1000 * (n + 1) };
    const began = performance.now();
    const { runId } = must(await client.POST('/v1/actions/run', { body: { key: KEY, userId: errand.userId, input } }));
    const took = performance.now() - began;
    const actionRun = must(
      await client.GET('/v1/runs/{runId}', {
        params: { path: { runId }, query: { includeEvents: true, includeToolCalls: true } },
      }),
    );
    overheads.push(took - calledMs(actionRun.events));
    timed ||= calledMs(actionRun.events) > 0;
    const path = { executionPlanId: actionRun.executionPlanId };
    const { plan } = must(await client.GET('/v1/execution-plans/{executionPlanId}', { params: { path } }));
    // A plan made for this input would contain its values instead of the inputs.
    if (argsOf(plan) !== argsOf(action.plan) || actionRun.usage.inputTokens + actionRun.usage.outputTokens > 0)
      planned++;
  }
  overheads.sort((a, b) => a - b);
  const measured = timed ? 'the request without the calls of the CRM' : 'the whole request, with the calls of the CRM';
  const p50 = overheads[RUNS / 2] ?? Number.NaN;
  say(`Run ${RUNS} times with other inputs: ${planned} plannings, overhead p50 ${p50.toFixed(1)} ms (${measured})`);
  expect(planned === 0, `${planned} of ${RUNS} runs were planned.`);
  await client.DELETE('/v1/actions/{key}', { params: { path: { key: KEY } } });
  return faults;
}

const textOf = (value: unknown): string => JSON.stringify(value);

const argsOf = (plan: unknown): string =>
  textOf((plan as { steps: { args: unknown }[] }).steps.map(({ args }) => args));

const nameOf = (inputs: readonly { name: string; value: unknown }[], value: unknown): string =>
  inputs.find((input) => input.value === value)?.name ?? '';

/** Time during which at least one call of a run was in progress, in ms. */
function calledMs(events: readonly { type: string; step?: { toolCalls?: readonly unknown[] } }[]): number {
  const spans = events
    .flatMap(({ step }) => (step?.toolCalls ?? []) as { startedAt?: string; endedAt?: string }[])
    .flatMap(({ startedAt, endedAt }) =>
      startedAt && endedAt ? [[Date.parse(startedAt), Date.parse(endedAt)] as const] : [],
    )
    .sort(([a], [b]) => a - b);
  let total = 0;
  let until = 0;
  for (const [from, to] of spans) {
    total += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return total;
}

/** The data of an answer. @throws Error with the problem */
function must<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}
