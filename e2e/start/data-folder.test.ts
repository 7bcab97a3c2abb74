// An upgrade: the present code starts on a data folder of earlier code, and continues its runs.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CrmOptions, startCrm } from '@errand/demo';
import { expect, onTestFinished, test, vi } from 'vitest';
import { answerOf } from '../backup/errand.ts';
import { sampleOf } from '../fixtures/combine.ts';
import { unpackDataFolder } from '../fixtures/data-folder.ts';
import { aFolder } from '../fixtures/program.ts';
import { startServer } from '../fixtures/server.ts';
import { overRest } from '../fixtures/transports.ts';
import { refusalOf } from './refusal-of.ts';

async function startOn(dataDir: string) {
  const { url, token } = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as { url: string; token: string };
  const options: CrmOptions = { port: Number(new URL(url).port), token };
  // The runs contain the address of the CRM, which another test run on this machine may be using.
  const crm = await vi.waitFor(() => startCrm(options), { timeout: 60_000, interval: 200 });
  onTestFinished(() => crm.close());
  const server = await startServer({ dataDir, env: { ERRAND_EGRESS_ALLOW: url } });
  onTestFinished(async () => void (await server.stop()));
  return { api: overRest(server), token, log: server.log };
}

/** Of 0.2.0, and of the first schema, which 0.1.0 had. */
const FOLDERS = ['2026-11-29', '2026-11-25'];

test.each(sampleOf(FOLDERS))('of %s: ended runs exist, and waiting ones continue and end', async (day) => {
  const { api, token } = await startOn(unpackDataFolder(day));

  const { runs } = await api.runs.list({});
  const inStatus = (status: string) => runs.filter((run) => run.status === status);
  const [ended, [paused], [lacking]] = [inStatus('SUCCESS'), inStatus('PAUSED'), inStatus('AUTH_REQUIRED')];
  expect(ended).toHaveLength(2);
  for (const { runId } of ended) {
    const { events } = await api.runs.events({ runId });
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['start', 'end']);
  }

  const statusOf = async (runId: string) => (await api.runs.get({ runId })).status;
  await api.approvals.decide({ approvalId: paused!.waitingOn[0]!.approvalId!, decision: 'approve' });
  await expect.poll(() => statusOf(paused!.runId), { timeout: 60_000 }).toBe('SUCCESS');

  // One user has a token in the folder; the other one gets it now.
  const [integration] = (await api.integrations.list({})).integrations.filter(
    ({ name }) => name === 'CRM of each user',
  );
  const { customerIntegrationId } = integration!;
  await api.integrations.putCredentials({ customerIntegrationId, userId: 'user-without-token', apiToken: token });
  await expect.poll(() => statusOf(lacking!.runId), { timeout: 60_000 }).toBe('SUCCESS');
  const again = { intent: lacking!.intent, selectedCustomerIntegrationIds: [customerIntegrationId], prefer: 'wait=20' };
  expect(await api.runs.create({ ...again, userId: 'user-with-token' })).toMatchObject({ status: 'SUCCESS' });
});

test.each(sampleOf(FOLDERS))(
  'of %s is backed up before it is changed, once, and the backup restores all runs',
  async (day) => {
    const dataDir = unpackDataFolder(day);
    const backups = join(dataDir, 'backups');
    const { api, log } = await startOn(dataDir);
    const [name, ...more] = readdirSync(backups);
    expect([name, more]).toEqual([expect.stringMatching(/^before-upgrade-.*\.zip$/), []]);
    expect(statSync(join(backups, name!)).mode & 0o777).toBe(0o600);
    expect(log()).toContain('the database is backed up');
    const before = (await api.runs.list({})).runs.map(({ runId }) => runId);

    const restored = join(aFolder(), 'restored');
    mkdirSync(restored, { mode: 0o700 });
    copyFileSync(join(dataDir, 'master-keys'), join(restored, 'master-keys'));
    copyFileSync(join(dataDir, 'dev.json'), join(restored, 'dev.json'));
    expect((await answerOf(['restore', join(backups, name!), '--data', restored])).migrated).not.toEqual([]);
    const copy = await startServer({ dataDir: restored });
    onTestFinished(async () => void (await copy.stop()));
    const ids = (await overRest(copy).runs.list({})).runs.map(({ runId }) => runId);
    expect(ids.sort()).toEqual(before.sort());
    expect(existsSync(join(restored, 'backups'))).toBe(false);
  },
);

test('a folder that is where a file must be is named in the refusal', async () => {
  const dataDir = aFolder();
  const keys = join(dataDir, 'master-keys');
  mkdirSync(keys);
  const refusal = await refusalOf(startServer({ dataDir }));
  expect(refusal).toContain(`${keys} is a folder, not a file. Move it away, `);
});
