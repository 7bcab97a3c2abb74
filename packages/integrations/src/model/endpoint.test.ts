import type { PlanDraft } from '@errand/contracts';
import { aPlanRequest, goodPlan } from '@errand/planner/testing';
import { describe, expect, test } from 'vitest';
import { aModelPlanner } from '../testing/fixtures/model-planner.ts';

const none = (draft: PlanDraft) => {
  if (draft.kind !== 'none') throw new Error('There is a plan.');
  return draft;
};
/** Requests a retry at once. */
const atOnce = { 'retry-after-ms': '1' };

describe('an endpoint that fails', () => {
  test.each([
    [401, false, 'refused the API key'],
    [404, false, 'has no API for its provider setting at the base URL (404)'],
    [400, false, 'refused the request (400): Scripted error.'],
    [429, true, 'rate limit or quota'],
    [500, true, 'failed (500)'],
    [529, true, 'failed (529)'],
  ])('with %d gives model_failed, retryable %s', async (status, retryable, reason) => {
    const { planner: p, model } = await aModelPlanner(() => ({ status, headers: atOnce }));
    const draft = none(await p.plan(aPlanRequest()));
    expect(draft).toMatchObject({ code: 'model_failed', retryable });
    expect(draft.reason).toContain(reason);
    expect(model.requests).toHaveLength(retryable ? 3 : 1);
  });

  test('for a moment is asked again', async () => {
    const { planner: p } = await aModelPlanner([
      { status: 503, headers: atOnce },
      { status: 429, headers: atOnce },
      { json: goodPlan },
    ]);
    expect((await p.plan(aPlanRequest())).kind).toBe('plan');
  });

  test('and wants a longer pause than there is time is not waited for', async () => {
    const { planner: p, model } = await aModelPlanner(() => ({ status: 429, headers: { 'retry-after': '30' } }));
    expect(none(await p.plan(aPlanRequest()))).toMatchObject({ code: 'model_failed', retryable: true });
    expect(model.requests).toHaveLength(1);
  });

  test('while a plan is mended keeps what was spent', async () => {
    const { planner: p } = await aModelPlanner(['no json', { status: 403 }]);
    expect(none(await p.plan(aPlanRequest()))).toMatchObject({
      code: 'model_failed',
      usage: { inputTokens: 100, outputTokens: 10 },
    });
  });

  test.each([{ raw: '<html>gateway</html>' }, { raw: '{"choices": []}' }, { raw: '{}' }])(
    'with %j instead of an answer is model_failed',
    async (entry) => {
      const { planner: p } = await aModelPlanner(() => entry);
      expect(none(await p.plan(aPlanRequest()))).toMatchObject({ code: 'model_failed', retryable: true });
    },
  );

  test('to answer in time gives a reason that names the time', async () => {
    const { planner: p } = await aModelPlanner(() => ({ broken: 'hang' }), { timeoutMs: 150 });
    expect(none(await p.plan(aPlanRequest()))).toMatchObject({
      code: 'model_failed',
      retryable: true,
      reason: 'The model did not answer within 150 ms.',
    });
  });

  test('to be there is model_failed', async () => {
    const { planner: p, model } = await aModelPlanner([], { timeoutMs: 9000 });
    await model.close();
    const draft = none(await p.plan(aPlanRequest()));
    expect(draft).toMatchObject({
      code: 'model_failed',
      retryable: true,
      reason: 'The model endpoint could not be reached.',
    });
  }, 10_000);

  test('and echoes the key never gets it into the reason', async () => {
    for (const status of [400, 401, 404, 422, 500]) {
      const { planner: p } = await aModelPlanner(() => ({
        status,
        message: `Wrong key sk-canary-123456 (${Buffer.from('sk-canary-123456').toString('base64')})`,
        headers: atOnce,
      }));
      const draft = none(await p.plan(aPlanRequest()));
      expect(JSON.stringify(draft)).not.toContain('sk-canary');
      expect(JSON.stringify(draft)).not.toContain(Buffer.from('sk-canary-123456').toString('base64'));
    }
  });

  test('because of what it does not take is asked without that, from then on', async () => {
    const { planner: p, model } = await aModelPlanner(({ body }) =>
      body.response_format
        ? { status: 400, message: "'response_format' is not supported" }
        : 'temperature' in body
          ? { status: 400, message: 'Unsupported value: temperature' }
          : { json: goodPlan },
    );
    expect((await p.plan(aPlanRequest())).kind).toBe('plan');
    expect((await p.plan(aPlanRequest())).kind).toBe('plan');
    const types = model.requests.map(({ body }) => (body.response_format as { type: string } | undefined)?.type);
    expect(types).toEqual(['json_schema', 'json_object', undefined, undefined, undefined]);
    expect(model.requests.map(({ body }) => body.temperature)).toEqual([0, 0, 0, undefined, undefined]);
  });
});

describe('the signal', () => {
  test('ends the wait for an answer, even when fetch ignores it', async () => {
    const deaf: typeof fetch = () => new Promise(() => {});
    for (const more of [{}, { fetchFor: () => deaf }]) {
      const { planner: p } = await aModelPlanner(() => ({ broken: 'hang' }), more);
      const draft = none(await p.plan(aPlanRequest({ signal: AbortSignal.timeout(50) })));
      expect(draft).toMatchObject({ code: 'model_failed', reason: 'Asking the model was aborted.' });
    }
  });

  test('ends the wait before a retry and the wait for the checker', async () => {
    const { planner: slow, model } = await aModelPlanner(() => ({ status: 500, headers: { 'retry-after': '30' } }), {
      timeoutMs: 90_000,
    });
    const { planner: p } = await aModelPlanner([{ json: goodPlan, usage: { inputTokens: 7, outputTokens: 3 } }]);
    await slow.plan(aPlanRequest({ signal: AbortSignal.timeout(100) }));
    const caller = new AbortController();
    const check = () => {
      caller.abort();
      return new Promise<never>(() => {});
    };
    const draft = await p.plan(aPlanRequest({ signal: caller.signal, check }));
    expect(model.requests).toHaveLength(1);
    expect(draft).toMatchObject({ kind: 'none', code: 'model_failed', usage: { inputTokens: 7, outputTokens: 3 } });
  });

  test('that is aborted already asks nobody', async () => {
    const { planner: p, model } = await aModelPlanner([{ json: goodPlan }]);
    expect((await p.plan(aPlanRequest({ signal: AbortSignal.abort() }))).kind).toBe('none');
    expect(model.requests).toHaveLength(0);
  });
});
