// Runs are found by the words of their results and errors, until their user is erased.
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { beginTask } from './fixtures/periodic-task.ts';
import { type Api, overRest } from './fixtures/transports.ts';
import { openWorkspace, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let api: Api;
let crm: string;
beforeAll(async () => {
  workspace = await openWorkspace();
  api = overRest(workspace);
  crm = (await api.integrations.list({})).integrations[0]!.customerIntegrationId;
  return () => workspace.close();
});

const found = async (q: string) => (await api.runs.list({ q })).runs.map(({ runId }) => runId);

test('runs are found by words of results and errors, and after the erasure of their user by the intent alone', async () => {
  const [word, other] = ['a', 'b'].map((letter) => letter + crypto.randomUUID().replaceAll('-', ''));
  const userId = `found-${word}`;
  const intent = `List all users for ${other}`;
  const tool = `${crm}.listUsers`;
  const result = { $: `{'note': 'Seen by ${word}'}` };
  const { run } = await carryOut(api, aRun({ userId, intent, plan: aPlan(tool, { result }) }));
  const failing = aPlan(tool, { result: { $: `$error('${word} is broken')` } });
  const failed = (await carryOut(api, aRun({ userId: 'someone', plan: failing }))).run;
  expect(failed.error?.message).toBeTruthy();
  const [ofMessage = ''] = /[a-z]{5,}/i.exec(failed.error!.message) ?? [];

  expect(await found(other!)).toEqual([run.runId]);
  // The task does nothing while the service executes it for its crontab.
  const foundByTask = async (q: string) => {
    await beginTask(workspace.databaseUrl, 'result_words');
    return found(q);
  };
  await expect.poll(() => foundByTask(`SEEN ${word} ${other}`), { interval: 500 }).toEqual([run.runId]);
  await expect.poll(() => found(`users ${ofMessage}`)).toEqual([failed.runId]);

  await api.users.erase({ userId });
  expect(await found(`seen ${word}`)).toEqual([]);
  expect(await found(other!)).toEqual([run.runId]);
});
