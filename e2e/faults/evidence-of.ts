import type { Errand } from './clients.ts';
import type { Evidence } from './evidence.ts';
import type { CallFact, RunFact } from './facts.ts';
import type { Entry } from './history.ts';
import type { Post } from './receiver.ts';
import type { OldRunLook } from './removal-record.ts';
import type { Arrival } from './third-party.ts';
import type { Stall } from './watch.ts';

const errand: Errand = { name: 'r1', shape: 'vault', strategy: 'ON_WRITE', userId: 'ada', runId: 'run-1' };

export const run: RunFact = {
  runId: 'run-1',
  errand: 'r1',
  rerunOf: null,
  status: 'SUCCESS',
  seq: 4,
  error: null,
  result: { count: 1 },
  createdAt: 1000,
  endedAt: 2000,
};

const call = (key: string, args: CallFact['args'], effect: string): CallFact => ({
  runId: 'run-1',
  key,
  args,
  effect,
  state: 'DONE',
  output: { kept: true },
  finishedAt: 1800,
  idempotencyKey: effect === 'write' ? `key of ${key}` : null,
  takenFrom: null,
});
export const opened = call('open', { query: { call: 'r1 open' } }, 'read');
export const undoneCall = call('kept', { body: { call: 'r1 kept' } }, 'write');

const arrival = { at: 1500, idempotencyKey: undefined, effect: false, behaviour: 'ok' };
export const read: Arrival = {
  ...arrival,
  method: 'GET',
  tool: 'readVault',
  call: 'r1 open',
  args: { query: { call: 'r1 open' } },
  token: 'token-of-ada',
};
export const wrote: Arrival = {
  ...arrival,
  method: 'POST',
  tool: 'addNote',
  call: 'r1 kept',
  args: { body: { call: 'r1 kept' } },
  token: undefined,
};

const answer = { action: 'accept', content: { side: 'left' } };
/** A booking of the same run that continues with the answer of its user. */
export const continued: Arrival = {
  ...wrote,
  tool: 'book',
  call: 'r1 one',
  args: { call: 'r1 one' },
  effect: true,
  continued: { state: 'r1 one 1', answer },
};

export const aPost = (id: string, more: Partial<Post> = {}): Post => {
  return { at: 3000, id, type: 'run.end', runId: 'run-1', body: '{}', taken: true, signed: true, ...more };
};

export const stall = (kind: Stall['kind'], from: number, to: number): Stall => {
  return { kind, from, to, runId: 'run-1', errand: 'r1', row: '{}' };
};

const anInput: Evidence['facts']['inputs'][number] = {
  requestId: 'i1',
  runId: 'run-1',
  decision: 'answer',
  decidedBy: 'key',
  answer,
  text: 'Seats asks: Which side (r1 one 1)?',
};

/** A look at an open run of an old day, which lacks nothing. */
export const aLook: OldRunLook = { errand: 'r1', runId: 'run-1', at: 1500, seq: 3, events: 3, lostWrites: [] };

/** A rejection of a client's request. */
export const refusal = (status: number, code: string): Entry => {
  return {
    at: 1,
    moment: 'fail',
    operation: 'decide',
    subject: 'a1',
    status,
    body: JSON.stringify({ code }),
    choice: 'deny',
  };
};

/** The evidence of a run that read with its user's token and made an approved write. `more` replaces parts of it. */
export function evidenceOf(more: { [K in keyof Evidence]?: Partial<Evidence[K]> } = {}): Evidence {
  const plain: Evidence = {
    errands: [errand],
    history: { entries: [], captures: [] } as unknown as Evidence['history'],
    facts: {
      runs: [run],
      events: [{ runId: 'run-1', seq: 2, type: 'answer', data: { requestId: 'i1', action: 'accept' }, at: 1450 }],
      calls: [opened, undoneCall],
      effectRequests: [],
      approvals: [
        {
          approvalId: 'a1',
          runId: 'run-1',
          kind: 'tool_approval',
          args: { body: { call: 'r1 kept' } },
          decision: 'approve',
          decidedBy: 'key',
          decidedAt: 1400,
          expiresAt: 9000,
        },
      ],
      questions: [],
      inputs: [anInput],
      scheduled: [{ runId: 'run-2', name: 's0', at: 60_000, status: 'SUCCESS' }],
      schedules: [{ name: 's0', unserved: false }],
      messages: [
        { id: 'msg_1', type: 'run.end', runId: 'run-1', seq: 4 },
        { id: 'msg_2', type: 'run.end', runId: 'run-2', seq: 2 },
      ],
      leases: 0,
      openTransactions: 0,
    },
    listed: new Map(),
    arrivals: [read, wrote, continued],
    posts: [aPost('msg_1', { taken: false }), aPost('msg_1'), aPost('msg_2')],
    readAt: 4000,
    resolutions: [],
    quietMs: 0,
    exits: [],
    deaths: [],
    changes: [],
    onlyChanges: false,
    sessionsOnStandby: 0,
    watch: { stalls: [], busy: [], peaks: [{ name: 'worker-1', memory: 200 }], samples: 10, heldFirstTime: 12 },
    removed: new Set(),
    removal: { looks: [aLook], dropped: [], removals: 9, metOpen: 5, removedRuns: 3, failures: [], missed: [] },
    besides: [],
    slots: 4,
    workers: 2,
    healedAt: 20_000,
    fresh: [],
    rested: [],
  };
  for (const [key, part] of Object.entries(more)) {
    const of = key as keyof Evidence;
    Object.assign(plain, {
      [of]:
        Array.isArray(part) || part instanceof Set || typeof part !== 'object'
          ? part
          : { ...(plain[of] as object), ...(part as object) },
    });
  }
  return plain;
}
