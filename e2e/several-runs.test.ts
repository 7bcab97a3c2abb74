// Operations on several runs at once: each is answered by itself.
import { beforeAll, describe, expect, test } from 'vitest';
import { aRun, carryOut } from './fixtures/builders.ts';
import { type Api, overRest, transports } from './fixtures/transports.ts';
import { openWorkspace, type Workspace, workspaceForTest } from './fixtures/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  return () => workspace.close();
});

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const queued = async (api: Api) => (await api.runs.create(aRun({ startAt: inAnHour() }))).runId;
const error = (code: string, status: number) => expect.objectContaining({ code, status, title: expect.any(String) });
const missing = { error: error('not_found', 404) };

describe.each(transports)('over %s', (_, apiOver) => {
  test('runs are cancelled in order; refused ones do not affect the others, and a repeated request is answered alike', async () => {
    const api = apiOver(workspace);
    const [first, second] = [await queued(api), await queued(api)];
    const { run } = await carryOut(api, aRun());
    const foreign = await queued(overRest(await workspaceForTest()));
    const unknown = crypto.randomUUID();
    const runIds = [first, unknown, run.runId, foreign, second];
    const canceled = (runId: string) => ({ runId, run: expect.objectContaining({ runId, status: 'CANCELED' }) });
    const expected = [
      canceled(first),
      { runId: unknown, ...missing },
      { runId: run.runId, error: error('run_already_finished', 409) },
      { runId: foreign, ...missing },
      canceled(second),
    ];
    const { results } = await api.runs.cancelMany({ runIds });
    expect(results).toEqual(expected);
    expect(Object.keys(results[0]!.run!).sort()).toEqual(['createdAt', 'executionPlanId', 'runId', 'status']);
    expect(await api.runs.cancelMany({ runIds })).toEqual({ results });
  });

  test('runs are rerun once for each Idempotency-Key, even by requests at the same time', async () => {
    const api = apiOver(workspace);
    const userId = `again-${crypto.randomUUID()}`;
    const earlier: string[] = [];
    for (let n = 0; n < 3; n++) earlier.push((await carryOut(api, aRun({ userId }))).run.runId);
    const unknown = crypto.randomUUID();
    const request = { mode: 'same_plan', idempotencyKey: `key-${crypto.randomUUID()}` } as const;
    const { results } = await api.runs.rerunMany({ ...request, runIds: [earlier[0]!, unknown] });
    expect(results).toEqual([
      { runId: earlier[0], run: expect.objectContaining({ status: 'QUEUED' }) },
      { runId: unknown, ...missing },
    ]);

    const answers = await Promise.all([1, 2, 3].map(() => api.runs.rerunMany({ ...request, runIds: earlier })));
    const inFlight = { error: error('request_in_progress', 409) };
    for (const answer of answers) {
      expect(answer.results[0]).toEqual(results[0]);
      for (const result of answer.results) expect([undefined, inFlight.error]).toContainEqual(result.error);
    }
    const last = await api.runs.rerunMany({ ...request, runIds: earlier });
    expect(last.results.map(({ run }) => run?.runId)).toEqual(earlier.map(() => expect.any(String)));
    for (const [index, runId] of earlier.entries()) {
      const { runs } = await api.runs.list({ rerunOf: runId });
      expect(runs.map((run) => run.runId)).toEqual([last.results[index]!.run!.runId]);
    }
    const other = await api.runs.rerunMany({ ...request, mode: 'new_plan', runIds: [earlier[0]!] });
    expect(other.results[0]!.error).toEqual(error('idempotency_key_reused', 422));
  });

  test('a request names each run once, and at most 100', async () => {
    const api = apiOver(workspace);
    const runId = crypto.randomUUID();
    const tooMany = Array.from({ length: 101 }, () => crypto.randomUUID());
    for (const runIds of [[], [runId, runId.toUpperCase()], tooMany]) {
      const refused = { status: 400, problem: { code: 'validation_failed' } };
      await expect(api.runs.cancelMany({ runIds })).rejects.toMatchObject(refused);
      await expect(api.runs.rerunMany({ runIds, mode: 'same_plan' })).rejects.toMatchObject(refused);
    }
  });
});

test('keys without runs:write may do neither', async () => {
  const { key } = await overRest(workspace).apiKeys.create({ name: 'reader', scopes: ['runs:read'] });
  const api = overRest({ ...workspace, apiKey: key });
  const runIds = [crypto.randomUUID()];
  const refused = { status: 403, problem: { code: 'insufficient_scope' } };
  await expect(api.runs.cancelMany({ runIds })).rejects.toMatchObject(refused);
  await expect(api.runs.rerunMany({ runIds, mode: 'same_plan' })).rejects.toMatchObject(refused);
});
