// A browser watches the runs of its user with a token that the server of the product mints.
import { beforeAll, describe, expect, test } from 'vitest';
import { aRun, carryOut, eventsOf } from '../fixtures/builders.ts';
import { type Office, openOffice, payments, startWaiting } from '../fixtures/office.ts';
import { overRest, transports } from '../fixtures/transports.ts';
import { userCaller } from '../fixtures/user-tokens.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
  return () => office.close();
});

const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });

test('a key mints a token that is bound to its user, and the answer names the bounds', async () => {
  const minted = await overRest(office.stack).userTokens.create({ userId: 'ada', can: ['watch', 'watch'], minutes: 5 });
  expect(minted).toEqual({
    userTokenId: expect.any(String),
    token: expect.stringMatching(/^er_user_[0-9A-Za-z]{38}$/),
    userId: 'ada',
    can: ['watch'],
    limits: { requestsPerMinute: 120, streams: 5, openRuns: 5 },
    expiresAt: expect.any(String),
  });
});

describe.each(transports)('over %s', (_, apiOver) => {
  test('the user reads and streams the own runs, and no run of another user', async () => {
    const product = overRest(office.stack);
    const plan = { goal: 'Look', steps: [{ id: 'a', tool: `${office.id}.look` }] };
    const own = (await carryOut(product, aRun({ userId: 'ada', plan }))).run;
    const foreign = (await carryOut(product, aRun({ userId: 'ben', plan }))).run;
    const api = apiOver(await userCaller(office.stack, { userId: 'ada' }));

    const read = await api.runs.get({ runId: own.runId, includeEvents: true });
    expect(read).toMatchObject({ runId: own.runId, status: 'SUCCESS' });
    expect(read).not.toHaveProperty('requestedBy');
    expect((await eventsOf(api, own.runId)).at(-1)?.type).toBe('end');
    const listed = (await api.runs.list({})).runs.map(({ userId }) => userId);
    expect(new Set(listed)).toEqual(new Set(['ada']));
    await expect(api.runs.get({ runId: foreign.runId })).rejects.toEqual(refused(404, 'not_found'));
    await expect(eventsOf(api, foreign.runId)).rejects.toEqual(refused(404, 'not_found'));
    expect((await api.runs.list({ userId: 'ben' })).runs).toEqual([]);
    await expect(api.runs.cancel({ runId: own.runId })).rejects.toEqual(refused(403, 'insufficient_ability'));
  });

  test('the user decides the own request, and gets no link that decides', async () => {
    const run = await startWaiting(overRest(office.stack), payments(office, [1], { userId: 'ada' }));
    const api = apiOver(await userCaller(office.stack, { userId: 'ada', can: ['watch', 'decide'] }));
    const { pending } = await api.pending.list({});
    const { approvalId } = pending.find(({ runId }) => runId === run.runId)!;
    const { events } = await api.runs.get({ runId: run.runId, includeEvents: true });
    expect(JSON.stringify(events)).not.toMatch(/approvalActions|token=/);
    expect(await api.approvals.decide({ approvalId: approvalId!, decision: 'approve' })).toEqual({
      approvalId,
      runId: run.runId,
      decision: 'approve',
      decidedAt: expect.any(String),
    });
  });
});
