import { isDeepStrictEqual } from 'node:util';
import { type Evidence, groupBy } from './evidence.ts';
import { callOf } from './facts.ts';
import { callCount, countedStep, ITEMS, PAGES, type Shape } from './plans.ts';
import { tokenOf } from './third-party.ts';
import { Case, type Verdict } from './verdict.ts';

/** The number of workers' deaths after which a run may end as crashed. */
const DEATHS_OF_ACRASH = 5;

/** A run ends because of its plan, the third party or people, never because of a fault inside Errand. */
export function nothingBreaksInside({ facts, deaths }: Evidence): Verdict {
  const it = new Case(
    'I15',
    'no run ends `internal`, and none `run_crashed` but one that workers died with, at failpoints too',
  );
  for (const { errand, runId, status, error, createdAt, endedAt } of facts.runs) {
    const code = error?.code;
    it.expect(code !== 'internal', () => `${errand} ${runId} ended ${status} with internal: ${error?.message}`);
    if (code !== 'run_crashed') continue;
    const within = deaths.filter(
      (death) => death.isWorker && death.at >= createdAt && death.at <= (endedAt ?? death.at),
    );
    it.expect(
      within.length >= DEATHS_OF_ACRASH && within.some(({ atFailpoint }) => atFailpoint),
      () => `${errand} ${runId} ended run_crashed, and ${within.length} workers died in its time`,
    );
  }
  const codes = facts.runs.map(({ status, error }) => (error ? `${status} ${error.code}` : status));
  it.note(
    [...new Set(codes)].map((code) => `${codes.filter((candidate) => candidate === code).length} ${code}`).join(', '),
  );
  return it.close();
}

type EndedRun = Pick<Evidence['facts']['runs'][number], 'errand' | 'runId' | 'status' | 'result'> & { shape: Shape };

/** The number of writes of a shape with a known number of items. */
function checkWrites(
  it: Case,
  { errand, runId, shape }: Omit<EndedRun, 'status' | 'result'>,
  writes: readonly string[],
): void {
  if (shape === 'ended')
    it.expect(writes.length === 0, () => `${errand} ${runId} ended before its last step, and made ${writes}`);
  if (shape === 'pages' || shape === 'look') {
    const all = `${errand} sum ${shape === 'look' ? ITEMS : PAGES * ITEMS}`;
    it.expect(
      writes.every((call) => call === all),
      () => `${errand} ${runId} made ${writes} of its items, not ${all}`,
    );
  }
}

/** Whether a run lacks the answer that its result counts. The plan of a look has no result: its run ends with the answers of its reads. */
function checkWithoutCount(
  it: Case,
  { errand, runId, status, result, shape }: EndedRun,
  callsOfRun: Evidence['facts']['calls'],
): void {
  const count = result?.count ?? null;
  it.expect(count === null, () => `${errand} ${runId} counted ${count} of ${countedStep[shape]}, which has no answer`);
  const mayHaveWritten = callsOfRun.some(
    ({ effect, state }) => effect === 'write' && !['FAILED', 'REFUSED'].includes(state),
  );
  it.expect(
    mayHaveWritten || status !== 'PARTIAL_SUCCESS',
    () => `${errand} ${runId} ended ${status}, wrote nothing, and has no value of a step`,
  );
}

/** A run reports exactly its calls. Pages are read to their end, and a plan that ends early does no more. */
export function endsAsItWent({ errands, facts }: Evidence): Verdict {
  const it = new Case(
    'I16',
    'a run of which every call is done ends SUCCESS, and no other does; a step without an answer gives no value of a result',
  );
  const calls = groupBy(facts.calls, ({ runId }) => runId);
  const shapes = new Map(errands.map(({ name, shape }) => [name, shape]));
  let looked = 0;
  for (const { errand, runId, status, result } of facts.runs) {
    const shape = shapes.get(errand);
    if (shape === undefined || status === 'CANCELED') continue;
    const callsOfRun = calls.get(runId) ?? [];
    const done = callsOfRun.filter(({ state }) => state === 'DONE').length;
    const counted = callsOfRun.filter(({ key }) => key.split('.', 1)[0] === countedStep[shape]);
    // A person may have decided that a call happened, without its answer.
    const isAnswered = shape === 'look' || counted.every(({ output }) => output !== null);
    const isWhole = done === callCount[shape] && callsOfRun.length === done && isAnswered;
    const writes = callsOfRun.flatMap((call) => (call.effect === 'write' ? [callOf(call) ?? ''] : []));
    if (shape === 'look' && status === 'SUCCESS') looked++;
    checkWrites(it, { errand, runId, shape }, writes);
    if (shape !== 'look' && !counted.some(({ state }) => state === 'DONE'))
      checkWithoutCount(it, { errand, runId, status, result, shape }, callsOfRun);
    it.expect(
      (isWhole && shape !== 'ended') === (status === 'SUCCESS'),
      () => `${errand} ${runId} ended ${status}; of ${callCount[shape]} calls (${shape}) ${done} are done`,
    );
  }
  it.note(`${looked} looked first and ended SUCCESS`);
  return it.close();
}

/** The arguments of a call by its plan. */
function plannedArguments(tool: string, call: string, errand: string): object {
  if (tool === 'putRecord') return { path: { id: call }, body: { value: errand } };
  if (tool === 'addNote') return { body: { call } };
  return tool === 'book' || tool === 'list_items' ? { call } : { query: { call } };
}

/** Each call carries the planned and approved arguments, and the token of its own user. */
export function argumentsArePlanned({ errands, facts, arrivals }: Evidence): Verdict {
  const it = new Case(
    'I17',
    'each call arrives with the arguments of its plan, as the ledger has them and as they were approved, and with the token of its user',
  );
  const storedByCall = groupBy(facts.calls, (entry) => callOf(entry) ?? '');
  const approved = groupBy(
    facts.approvals.filter(({ kind, decision }) => kind === 'tool_approval' && decision === 'approve'),
    (entry) => callOf(entry) ?? '',
  );
  const users = new Map(errands.map(({ name, userId }) => [name, userId]));
  for (const { call, tool, args, token, at } of arrivals) {
    const errand = call.split(' ', 1)[0]!;
    const planned = plannedArguments(tool, call, errand);
    it.expect(
      isDeepStrictEqual(args, planned),
      () => `${call} arrived at ${at} with ${JSON.stringify(args)}, planned was ${JSON.stringify(planned)}`,
    );
    const stored = [
      ...(storedByCall.get(call) ?? []).map((entry) => ({ where: 'stored', args: entry.args })),
      ...(approved.get(call) ?? []).map((approval) => ({ where: 'approved', args: approval.args })),
    ];
    for (const otherUser of stored)
      it.expect(
        isDeepStrictEqual(otherUser.args, args),
        () => `${call} arrived with ${JSON.stringify(args)}, ${otherUser.where} is ${JSON.stringify(otherUser.args)}`,
      );
    const userToken = tool === 'readVault' ? tokenOf(users.get(errand) ?? '') : undefined;
    it.expect(token === userToken, () => `${call} arrived with the token ${token}, its user's is ${userToken}`);
  }
  return it.close();
}
