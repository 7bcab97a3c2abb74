import { type Evidence, groupBy } from './evidence.ts';
import { callOf, makesCall } from './facts.ts';
import type { Arrival } from './third-party.ts';
import { Case, type Verdict } from './verdict.ts';

/** How long after its result was stored, or its run ended, a request may still arrive, in ms. */
const ON_THE_WAY_MS = 250;
/** How long a frozen or disconnected process continues to send, in ms. */
const LEASE_MS = 11_000;

/** A call with a stored result is not sent again. */
export function storedIsOver({ facts, arrivals }: Evidence): Verdict {
  const it = new Case('I3', 'a call with a stored result is never made again');
  const byCall = groupBy(arrivals, ({ call }) => call);
  for (const entry of facts.calls) {
    if (entry.state !== 'DONE' || entry.finishedAt === null) continue;
    const call = callOf(entry)!;
    const late = (byCall.get(call) ?? []).filter(({ at }) => at > entry.finishedAt! + ON_THE_WAY_MS);
    it.expect(
      late.length === 0,
      () => `${call} was stored, and made again ${Math.round(late[0]!.at - entry.finishedAt!)} ms later`,
    );
  }
  return it.close();
}

/** Each write has one key, and takes effect as often as people allowed. */
function checkWritesOnce(it: Case, byCall: ReadonlyMap<string, Arrival[]>, resolutions: Evidence['resolutions']): void {
  const retries = groupBy(
    resolutions.filter(({ decision }) => decision === 'retry'),
    ({ call }) => call,
  );
  for (const [call, list] of byCall) {
    const keys = new Set(list.map(({ idempotencyKey }) => idempotencyKey));
    it.expect(keys.size === 1 && !keys.has(undefined), () => `${call} was sent under the keys ${[...keys]}`);
    if (list[0]!.method === 'PUT') continue;
    const effects = list.filter(({ effect }) => effect).length;
    const allowed = 1 + new Set((retries.get(call) ?? []).map(({ effectId }) => effectId)).size;
    it.expect(
      effects <= allowed,
      () => `${call} took effect ${effects} times: ${list.map((a) => `${a.behaviour} at ${a.at}`)}`,
    );
  }
}

/** The ledger has a write as done if it took effect. @returns the number of uncertain writes that did */
function checkLedger(it: Case, calls: Evidence['facts']['calls'], byCall: ReadonlyMap<string, Arrival[]>): number {
  let uncertain = 0;
  for (const entry of calls) {
    if (entry.effect !== 'write') continue;
    const call = callOf(entry)!;
    const happened = (byCall.get(call) ?? []).some(({ effect }) => effect);
    if (entry.state === 'DONE') it.expect(happened, () => `${call} is stored as done, and never happened`);
    else if (entry.state === 'FAILED' || entry.state === 'REFUSED')
      it.expect(!happened, () => `${call} is stored as ${entry.state}, and happened`);
    else if (happened) uncertain++;
  }
  return uncertain;
}

export function effectsHappenOnce({ errands, facts, arrivals, resolutions }: Evidence): Verdict {
  const it = new Case(
    'I4',
    'a write that is not idempotent takes effect at most once unless a human said retry; one that succeeded took effect',
  );
  const writes = arrivals.filter(({ method }) => method !== 'GET');
  const byCall = groupBy(writes, ({ call }) => call);
  checkWritesOnce(it, byCall, resolutions);
  for (const [key, list] of groupBy(writes, ({ idempotencyKey }) => idempotencyKey ?? '')) {
    const calls = new Set(list.map(({ call }) => call));
    it.expect(calls.size === 1, () => `the key ${key} was used for ${[...calls]}`);
  }
  const uncertain = checkLedger(it, facts.calls, byCall);
  // Each arrival belongs to a call of a run.
  const storedCalls = new Set(facts.calls.map(callOf));
  for (const [call, list] of byCall)
    it.expect(storedCalls.has(call), () => `${call} arrived ${list.length} times, and is in no ledger`);

  const runs = groupBy(facts.runs, ({ errand }) => errand);
  for (const { at, call } of writes) {
    const end = runs.get(call.split(' ', 1)[0]!)?.find((run) => makesCall(run, call))?.endedAt;
    it.expect(
      end == null || at <= end + LEASE_MS,
      () => `${call} was sent ${Math.round(at - end!)} ms after its run had ended`,
    );
  }
  it.note(
    `${writes.length} writes arrived for ${byCall.size} calls of ${errands.length} errands; ${uncertain} reported as uncertain happened`,
  );
  return it.close();
}
