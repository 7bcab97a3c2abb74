// Each check of the fault harness rejects a record that violates it.
import { expect, test } from 'vitest';
import { nothingIsPinned, readinessIsTrue, successFollows } from './check-changes.ts';
import { argumentsArePlanned, endsAsItWent, nothingBreaksInside } from './check-ends.ts';
import { eventsAreTold, timesHaveOneRun } from './check-hooks.ts';
import { inputsCountOnce } from './check-inputs.ts';
import { openRunsKeepRows } from './check-removal.ts';
import { clientsSucceed, keysMakeOneRun } from './check-requests.ts';
import { rerunsKeepOutputs } from './check-reruns.ts';
import {
  answersAreActedUpon,
  credentialsAreSeen,
  dueRunsAreWorkedOn,
  lateDecisionsAreRefused,
  memoryIsBounded,
  slotsAreKept,
} from './check-waiting.ts';
import type { Evidence } from './evidence.ts';
import {
  aLook,
  aPost,
  continued,
  evidenceOf,
  opened,
  read,
  refusal,
  run,
  stall,
  undoneCall,
  wrote,
} from './evidence-of.ts';
import { mustChange, mustDrop, mustProve, mustRoll, Unproven } from './unproven.ts';
import type { Verdict } from './verdict.ts';

type Check = (evidence: Evidence) => Verdict;
type Parts = NonNullable<Parameters<typeof evidenceOf>[0]>;

const failed = (code: string) => ({ ...run, status: 'FAILED', error: { code, message: 'Broken.' } });
const runs = (...list: Evidence['facts']['runs']) => ({ facts: { runs: list } });
const calls = (...list: Evidence['facts']['calls']) => ({ facts: { calls: list } });
const history = (...entries: Evidence['history']['entries']) => ({ history: { entries } });
const deaths = (n: number, more = {}) =>
  Array.from({ length: n }, () => ({ at: 1500, isWorker: true, atFailpoint: true, ...more }));
const stalls = (...list: Evidence['watch']['stalls']) => ({ watch: { stalls: list } });

const inputs = (more: object) => ({ facts: { inputs: [{ ...evidenceOf().facts.inputs[0]!, ...more }] } });
const continuedWith = (more: object) => ({
  arrivals: [{ ...continued, continued: { ...continued.continued!, ...more } }],
});

/** A run and its rerun from the step `third`. */
function reruns(
  change: (facts: { calls: Evidence['facts']['calls']; arrivals: Evidence['arrivals'][number][] }) => void = () => {},
): Parts {
  const [first, second] = [run, { ...run, runId: 'run-9', rerunOf: 'run-1', createdAt: 5000 }];
  const steps = ['first', 'kept', 'second', 'third', 'after', 'aside'];
  const callOf = (step: string, at: number) => `r1 ${step} ${new Date(at).toISOString()}`;
  const callsOf = (of: typeof run, taken: readonly string[]) =>
    steps.map((key) => ({
      ...undoneCall,
      runId: of.runId,
      key,
      args: { body: { call: callOf(key, taken.includes(key) ? first.createdAt : of.createdAt) } },
      idempotencyKey: taken.includes(key) ? `${key} run-1` : `${key} ${of.runId}`,
      takenFrom: taken.includes(key) ? 'run-1' : null,
    }));
  const kept = ['first', 'kept', 'second', 'aside'];
  const facts = {
    calls: [...callsOf(first, []), ...callsOf(second, kept)],
    arrivals: ['third', 'after'].map((step) => ({ ...wrote, call: callOf(step, second.createdAt) })),
  };
  change(facts);
  const errand = { ...evidenceOf().errands[0]!, shape: 'rerun' as const, reruns: [{ from: 'third', runId: 'run-9' }] };
  return {
    errands: [errand],
    arrivals: facts.arrivals,
    facts: { runs: [first, second], calls: facts.calls, events: [] },
  };
}
const ofRerun = (calls: Evidence['facts']['calls'], step: string) =>
  calls.find(({ runId, key }) => runId === 'run-9' && key === step)!;

test('a rerun that kept the steps before its step violates nothing', () => {
  expect(rerunsKeepOutputs(evidenceOf(reruns())).violations).toEqual([]);
});

const accepted = (...times: (number | undefined)[]) => times.map((at, n) => ({ name: `http-${n}`, at }));
const unready = { name: 'http-1', askedAt: 10_500, status: 503 };
/** A switchover after which the address was led to the new primary at 14 s; one process accepted an errand late. */
const aChange: Evidence['changes'][number] = {
  ...{ kind: 'switchover', misledMs: 3000, waits: false },
  ...{ goneAt: 10_000, promotedAt: 11_000, ledAt: 14_000, pairedAt: 15_000 },
  readiness: [unready],
  accepted: accepted(15_000, 50_000),
};
const changes = (more: Partial<Evidence['changes'][number]>): Parts => ({
  changes: [{ ...aChange, ...more } as Evidence['changes'][number]],
});

test('a failover after which one process succeeds in time violates nothing', () => {
  const evidence = evidenceOf({ ...changes({}), sessionsOnStandby: 0 });
  for (const check of [successFollows, readinessIsTrue, nothingIsPinned])
    expect(check(evidence)).toMatchObject({ violations: [], looked: 1 });
});

test('commits that wait for the second copy may succeed later', () => {
  const late = { accepted: accepted(50_000), pairedAt: 40_000 };
  expect(successFollows(evidenceOf(changes({ ...late, waits: true }))).violations).toEqual([]);
  expect(successFollows(evidenceOf(changes({ ...late, waits: false }))).violations).toHaveLength(1);
});

const cases: [Check, string, Parts][] = [
  [successFollows, 'no success after a failover', changes({ accepted: accepted(60_000, undefined) })],
  [successFollows, 'a late success', changes({ accepted: accepted(45_000, 45_001) })],
  [successFollows, 'a late process, without other faults', { ...changes({}), onlyChanges: true }],
  [readinessIsTrue, 'a ready process without a primary', changes({ readiness: [{ ...unready, status: 200 }] })],
  [nothingIsPinned, 'a session on the standby', { ...changes({}), sessionsOnStandby: 1 }],
  [
    rerunsKeepOutputs,
    'a rerun that makes a write before its step',
    reruns(({ arrivals }) => {
      arrivals.push({ ...wrote, call: `r1 kept ${new Date(5000).toISOString()}` });
    }),
  ],
  [
    rerunsKeepOutputs,
    'a rerun without a call before its step',
    reruns(({ calls }) => {
      ofRerun(calls, 'kept').takenFrom = null;
    }),
  ],
  [
    rerunsKeepOutputs,
    'a rerun with another output of a step that it kept',
    reruns(({ calls }) => {
      ofRerun(calls, 'kept').output = { kept: false };
    }),
  ],
  [
    rerunsKeepOutputs,
    'a rerun that took over its step',
    reruns(({ calls }) => {
      ofRerun(calls, 'third').takenFrom = 'run-1';
    }),
  ],
  [
    rerunsKeepOutputs,
    'a rerun that did not make its step',
    reruns(({ arrivals }) => {
      arrivals.shift();
    }),
  ],
  [nothingBreaksInside, 'a run that ended internal', runs(failed('internal'))],
  [nothingBreaksInside, 'run_crashed without deaths', runs(failed('run_crashed'))],
  [nothingBreaksInside, 'run_crashed after four deaths', { ...runs(failed('run_crashed')), deaths: deaths(4) }],
  [
    nothingBreaksInside,
    'run_crashed by kills alone',
    { ...runs(failed('run_crashed')), deaths: deaths(5, { atFailpoint: false }) },
  ],
  [
    nothingBreaksInside,
    'run_crashed by deaths before its time',
    { ...runs(failed('run_crashed')), deaths: deaths(5, { at: 900 }) },
  ],
  [endsAsItWent, 'SUCCESS with a call that is missing', calls(opened)],
  [endsAsItWent, 'SUCCESS with a call that failed', calls(opened, { ...undoneCall, state: 'FAILED' })],
  [
    endsAsItWent,
    'a count of a step that failed',
    { facts: { runs: [{ ...run, status: 'FAILED' }], calls: [opened, { ...undoneCall, state: 'FAILED' }] } },
  ],
  [
    endsAsItWent,
    'PARTIAL_SUCCESS although nothing was written and no step gave a value',
    {
      facts: {
        runs: [{ ...run, status: 'PARTIAL_SUCCESS', result: null }],
        calls: [opened, { ...undoneCall, state: 'FAILED' }],
      },
    },
  ],
  [endsAsItWent, 'SUCCESS with a count of an answer that is not known', calls(opened, { ...undoneCall, output: null })],
  [endsAsItWent, 'another end although all is done', runs({ ...run, status: 'PARTIAL_SUCCESS' })],
  [
    argumentsArePlanned,
    'arguments that were not planned',
    { arrivals: [{ ...wrote, args: { body: { call: 'r1 kept', more: 1 } } }] },
  ],
  [
    argumentsArePlanned,
    'a ledger that says otherwise',
    calls(opened, { ...undoneCall, args: { body: { call: 'r1 kept' }, query: { call: 'x' } } }),
  ],
  [
    argumentsArePlanned,
    'an approval of something else',
    {
      facts: {
        approvals: [{ ...evidenceOf().facts.approvals[0]!, args: { path: { id: 'r2' }, body: { call: 'r1 kept' } } }],
      },
    },
  ],
  [argumentsArePlanned, 'the token of another user', { arrivals: [{ ...read, token: 'token-of-bob' }] }],
  [argumentsArePlanned, 'a token that is not asked for', { arrivals: [{ ...wrote, token: 'x' }] }],
  [answersAreActedUpon, 'an answer without consequence', stalls(stall('decidedYetWaiting', 21_000, 26_001))],
  [
    credentialsAreSeen,
    'a stored credential that a run does not use',
    stalls(stall('credentialYetWaiting', 1000, 25_001)),
  ],
  [dueRunsAreWorkedOn, 'a due run that nobody takes', stalls(stall('dueYetUnclaimed', 19_000, 25_001))],
  [slotsAreKept, 'more leases than slots', { watch: { heldFirstTime: 13 } }],
  [dueRunsAreWorkedOn, 'a lease without work', stalls(stall('heldYetIdle', 19_000, 25_001))],
  [
    dueRunsAreWorkedOn,
    'a lease without work, also when the machine was not busy long enough',
    { watch: { stalls: [stall('heldYetIdle', 19_000, 27_000)], busy: [{ from: 20_000, to: 21_500 }] } },
  ],
  [
    answersAreActedUpon,
    'an answer without consequence on a machine that is busy for all of the time',
    { watch: { stalls: [stall('decidedYetWaiting', 21_000, 45_000)], busy: [{ from: 20_000, to: 45_000 }] } },
  ],
  [answersAreActedUpon, 'a watch that never read', { watch: { samples: 0 } }],
  [memoryIsBounded, 'too much memory', { watch: { peaks: [{ name: 'worker-1', memory: 601 }] } }],
  [eventsAreTold, 'an end that is not in the outbox', { facts: { messages: [] } }],
  [
    eventsAreTold,
    'a rest that is not in the outbox',
    { facts: { events: [{ runId: 'run-1', seq: 2, type: 'status', data: { runStatus: 'PAUSED' }, at: 1 }] } },
  ],
  [
    eventsAreTold,
    'a start that is not in the outbox',
    { facts: { events: [{ runId: 'run-1', seq: 1, type: 'start', data: { runStatus: 'RUNNING' }, at: 1 }] } },
  ],
  [eventsAreTold, 'a message that was never taken', { posts: [aPost('msg_1', { taken: false }), aPost('msg_2')] }],
  [eventsAreTold, 'another id in an attempt', { posts: [...evidenceOf().posts, aPost('msg_3')] }],
  [
    eventsAreTold,
    'another body in an attempt',
    { posts: [...evidenceOf().posts, aPost('msg_1', { body: '{"a":1}' })] },
  ],
  [eventsAreTold, 'a post that is not signed', { posts: [...evidenceOf().posts, aPost('msg_1', { signed: false })] }],
  [
    timesHaveOneRun,
    'two runs of one time',
    { facts: { scheduled: [60_000, 59_995].map((at) => ({ ...evidenceOf().facts.scheduled[0]!, at })) } },
  ],
  [timesHaveOneRun, 'a time that nobody serves', { facts: { schedules: [{ name: 's0', unserved: true }] } }],
  [timesHaveOneRun, 'a schedule without a run', { facts: { scheduled: [] } }],
  [inputsCountOnce, 'another answer than the one that was given', inputs({ answer: { action: 'decline' } })],
  [inputsCountOnce, 'an answer that went nowhere', { arrivals: [] }],
  [inputsCountOnce, 'an open request after the end', inputs({ decision: null })],
  [inputsCountOnce, 'a state of another call', continuedWith({ state: 'r1 two 1' })],
  [inputsCountOnce, 'a call that goes on with another answer', continuedWith({ answer: { action: 'decline' } })],
  [inputsCountOnce, 'two effects of one state', { arrivals: [continued, continued] }],
  [inputsCountOnce, 'an answer that nobody was told of', { facts: { events: [] } }],
  [
    inputsCountOnce,
    'an answer that was refused as wrong',
    history({ ...refusal(400, 'validation_failed'), operation: 'input' }),
  ],
  [lateDecisionsAreRefused, 'a second decision with another refusal', history(refusal(400, 'validation_failed'))],
  [lateDecisionsAreRefused, 'a decision about a stored run that is not found', history(refusal(404, 'not_found'))],
  [openRunsKeepRows, 'an open run without an event', { removal: { looks: [{ ...aLook, events: 2 }] } }],
  [openRunsKeepRows, 'a lost ledger of an open run', { removal: { looks: [{ ...aLook, lostWrites: ['r1 kept'] }] } }],
  [
    clientsSucceed,
    'an errand that was never accepted',
    { errands: [{ ...evidenceOf().errands[0]!, runId: undefined }] },
  ],
];

test.each(cases.map(([check, sentence, parts]) => ({ name: check.name, sentence, check, parts })))(
  '$name reports $sentence',
  ({ check, parts }) => {
    expect(check(evidenceOf()).violations).toEqual([]);
    expect(check(evidenceOf(parts)).violations.length).toBeGreaterThan(0);
  },
);

test('an answer with a lost call, as a person decided, is not missing', () => {
  const booked = { ...undoneCall, key: 'one', args: { call: 'r1 one' } } as typeof undoneCall;
  const effectRequests = [{ effectId: 'e1', runId: 'run-1', key: 'one', decision: 'happened', decidedAt: 1500 }];
  const facts = { calls: [opened, undoneCall, booked] };
  expect(inputsCountOnce(evidenceOf({ facts, arrivals: [] })).violations).toHaveLength(1);
  expect(inputsCountOnce(evidenceOf({ facts: { ...facts, effectRequests }, arrivals: [] })).violations).toEqual([]);
});

test('a late decision about a removed run is not found', () => {
  const parts = { ...history(refusal(404, 'not_found')), removed: new Set(['run-1']) };
  expect(lateDecisionsAreRefused(evidenceOf(parts))).toMatchObject({ looked: 0, violations: [] });
});

const accepts = (body: string): Evidence['history']['entries'][number] => {
  return { at: 1, moment: 'ok', operation: 'create', subject: 'r1', status: 201, body };
};

test('beside the last release an answer may lack the words that it does not know, and a start its message', () => {
  const answers = history(accepts('{"runId":"run-1"}'), accepts('{"runId":"run-1","answer":"run"}'));
  const start = { runId: 'run-1', seq: 1, type: 'start', data: { runStatus: 'RUNNING' }, at: 1450 };
  const facts = { events: [...evidenceOf().facts.events, start] };
  const violationsIn = (from: number) => {
    const evidence = evidenceOf({ ...answers, facts, besides: [{ from, to: 1500 }] });
    return [keysMakeOneRun(evidence), eventsAreTold(evidence)].map(({ violations }) => violations.length);
  };
  expect(violationsIn(1400)).toEqual([0, 0]);
  expect(violationsIn(1460)).toEqual([0, 1]);
  expect(keysMakeOneRun(evidenceOf(answers)).violations).toHaveLength(1);
});

const record = evidenceOf().removal!;
const droppedOf = (...tables: ('run_event' | 'ledger')[]) =>
  tables.map((parent) => ({ at: 1, parent, name: `${parent}_20261001` }));

test.each([
  [{ ...record, dropped: droppedOf('run_event') }, 'no partition of ledger was dropped'],
  [{ ...record, dropped: droppedOf('run_event', 'ledger'), metOpen: 0 }, 'no open run of an old day was met'],
])('a removal proves nothing that did too little', (removal, text) => {
  expect(() => mustDrop(removal, 3)).toThrow(new Unproven(`${text} by 9 removals of 3 runs of old days; 0 failed`));
  expect(() => mustDrop({ ...removal, dropped: droppedOf('run_event', 'ledger'), metOpen: 1 }, 3)).not.toThrow();
});

test('a deploy that was not carried out proves nothing', () => {
  expect(() => mustRoll(2, 2, [])).not.toThrow();
  expect(() => mustRoll(1, 2, ['roll: late'])).toThrow(new Unproven('1 of 2 deploys were carried out; roll: late'));
});

test('a post after the tables were read may be of a newer message, one before may not', () => {
  const posted = (at: number) => evidenceOf({ posts: [...evidenceOf().posts, aPost('msg_3', { at })] });
  expect(eventsAreTold(posted(4001)).violations).toEqual([]);
  expect(eventsAreTold(posted(4000)).violations).toEqual(['run.end was posted as msg_3, which is no message']);
});

test.each([
  [0, 0],
  [0, 104],
  [51, 104],
])('%i accepted errands of %i prove nothing', (accepted, count) => {
  const errands = Array.from({ length: count }, (_, i) => ({ runId: i < accepted ? `run-${i}` : undefined }));
  expect(() => mustProve(errands)).toThrow(new Unproven(`the service accepted ${accepted} of ${count} errands`));
});

test('a change of the primary that was not carried out proves nothing', () => {
  expect(() => mustChange(2, 2, [])).not.toThrow();
  const text = '1 of 2 changes of the primary were carried out; failover: it hangs';
  expect(() => mustChange(1, 2, ['failover: it hangs'])).toThrow(new Unproven(text));
});

test('half of the errands are enough', () => {
  expect(() => mustProve([{ runId: 'run-1' }, { runId: undefined }])).not.toThrow();
});

test('of time in which the machine was busy a quarter counts', () => {
  const busy = [{ from: 20_500, to: 24_000 }];
  const watch = { stalls: [stall('heldYetIdle', 19_000, 27_000)], busy };
  expect(dueRunsAreWorkedOn(evidenceOf({ watch })).violations).toEqual([]);
});
