// The audit log is read, exported and verified in a browser. The test changes rows as superuser of its own Postgres.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CHAIN_START, sealedText } from '@errand/contracts/audit-chain';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRun, eventsOf } from '../../fixtures/builders.ts';
import { withOffice } from './office.ts';

const ENTRIES = 100_000;
const { office, open } = withOffice();

let superuser: pg.Client;
let runId: string;
beforeAll(async () => {
  const { api, stack } = office();
  superuser = new pg.Client({ connectionString: stack.databaseUrl });
  await superuser.connect();
  ({ runId } = await api.runs.create(
    aRun({ intent: 'Create a ticket for Northwind: the page does not load', approvalStrategy: 'ON_WRITE' }),
  ));
  for await (const { runStatus } of api.runs.stream({ runId, progress: false })) if (runStatus === 'PAUSED') break;
  const { waitingOn } = await api.runs.get({ runId });
  await api.approvals.decide({ approvalId: waitingOn[0]!.approvalId!, decision: 'approve' });
  await eventsOf(api, runId);
});
afterAll(() => superuser?.end());

const entries = (page: Page) => page.getByRole('region', { name: 'Entries' }).getByRole('row');
const panel = (page: Page) => page.getByRole('region', { name: 'Seal', exact: true });

/** Waits until no entry is outside the chain. */
const sealed = () =>
  expect
    .poll(async () => (await superuser.query('SELECT count(*)::int AS n FROM audit_unsealed')).rows[0].n, {
      timeout: 20_000,
    })
    .toBe(0);

async function verify(page: Page, button: 'Verify the seal' | 'Verify what is new'): Promise<Page> {
  await page.getByRole('button', { name: button }).click();
  // Playwright repeats the search in the main thread of the page. A search by roles would be its longest task.
  await page
    .locator('[role=status]')
    .getByText(/No entry was changed|found\.$/)
    .waitFor({ timeout: 300_000 });
  return page;
}

test('entries are filtered by the address, and lead to what they are about', async () => {
  const { page } = await open('/audit');
  await entries(page).nth(1).waitFor();
  await page.getByRole('button', { name: 'Any action' }).click();
  await page.getByRole('dialog').getByLabel('approval', { exact: true }).check();
  await page.getByRole('dialog').getByRole('button', { name: /^Show/ }).click();
  await page.waitForURL(/approval\.decided/);
  await page.getByLabel('Errand', { exact: true }).fill(runId);
  await page.getByLabel('Errand', { exact: true }).press('Enter');
  await page.waitForURL(new RegExp(`runId=${runId}`));
  await page.getByRole('link', { name: 'approval decided' }).first().waitFor();
  expect(await page.getByRole('link', { name: 'audit read' }).count()).toBe(0);
  await page.reload();
  await page.getByRole('link', { name: 'approval decided' }).first().click();
  await page.waitForURL(/entry=/);
  await page.reload();
  const dialog = page.getByRole('dialog', { name: 'approval decided' });
  await dialog.getByText('decision').first().waitFor();
  await dialog.getByRole('link', { name: runId }).first().click();
  await page.getByRole('heading', { level: 1, name: /^Create a ticket/ }).waitFor();
});

test('the entries of an actor, of a time and of a target', async () => {
  const { page } = await open('/audit');
  await page.getByRole('link', { name: 'errand', exact: true }).first().click();
  await page.waitForURL(/actorType=system/);
  await expect.poll(async () => new Set(await page.locator('tbody td:nth-child(3)').allTextContents()).size).toBe(1);
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByLabel('To', { exact: true }).fill('2020-01-01');
  await page.getByLabel('To', { exact: true }).blur();
  await page.getByText('No entry fits the filters.').waitFor();
  await page.getByRole('link', { name: 'Show all' }).click();
  await entries(page).nth(1).waitFor();
});

test('an export has the entries of the filters as lines of JSON', async () => {
  const { page } = await open('/audit?actions=approval.decided');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export' }).click(),
  ]);
  const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\n');
  const { entries: listed } = await office().api.audit.list({ actions: ['approval.decided'] });
  const idsOf = (all: { auditId: string }[]) => all.map(({ auditId }) => auditId);
  expect(idsOf(lines.map((line) => JSON.parse(line)))).toEqual(idsOf(listed));
  expect(listed.length).toBeGreaterThan(0);
});

test('the seal is verified, and a row that a superuser changed is told', async () => {
  const { page, complaints, violations } = await open('/audit');
  await sealed();
  await verify(page, 'Verify the seal');
  const { head } = await office().api.audit.chain({ afterSeq: 1 });
  const text = (await panel(page).textContent()) ?? '';
  expect(text).toMatch(/(\d+) of \1 sealed/);
  const [, hash] = /Head\s*([0-9a-f]{64})/.exec(text) ?? [];
  const { rows } = await superuser.query('SELECT FROM audit_seal WHERE hash = $1', [hash]);
  expect(rows).toHaveLength(1);
  expect(head.seq).toBeGreaterThan(5);

  await superuser.query(`SET session_replication_role = replica`);
  const changed = `UPDATE audit SET target = $1 WHERE audit_id = (SELECT audit_id FROM audit_seal WHERE seq = 3) RETURNING
    audit_id, (SELECT target FROM audit WHERE audit_id = (SELECT audit_id FROM audit_seal WHERE seq = 3)) AS before`;
  const before = (await superuser.query(changed, ['forged'])).rows[0].before;
  const order = `UPDATE audit_seal SET seq = CASE seq WHEN 5 THEN -1 ELSE seq END WHERE seq = 5`;
  await superuser.query(order);
  await superuser.query('UPDATE audit_seal SET seq = 5 WHERE seq = 6');
  await superuser.query('UPDATE audit_seal SET seq = 6 WHERE seq = -1');
  await verify(page, 'Verify the seal');
  const faults = page.getByRole('region', { name: 'Faults' }).locator('tbody tr');
  expect(await faults.getByRole('rowheader').allTextContents()).toEqual(['3', '5', '6', '7']);
  await faults.first().getByRole('link').click();
  await page.getByRole('dialog').getByText('forged').first().waitFor();
  await page.getByRole('button', { name: 'Close' }).click();

  await superuser.query('UPDATE audit_seal SET seq = -1 WHERE seq = 6');
  await superuser.query('UPDATE audit_seal SET seq = 6 WHERE seq = 5');
  await superuser.query('UPDATE audit_seal SET seq = 5 WHERE seq = -1');
  await superuser.query(changed, [before]);
  await superuser.query('RESET session_replication_role');
  await verify(page, 'Verify the seal');
  await panel(page).getByText('No entry was changed, moved or removed.').waitFor();
  expect([complaints, violations]).toEqual([[], []]);
});

test('a chain that was made again is told by a browser that saw it before', async () => {
  const { page } = await open('/audit');
  await sealed();
  await verify(page, 'Verify the seal');
  await page.reload();
  await panel(page)
    .getByText(/Verified up to entry/)
    .waitFor();
  await verify(page, 'Verify what is new');
  await panel(page).getByText('No entry was changed, moved or removed.').waitFor();
  await page.evaluate(`for (const key of Object.keys(localStorage)) if (key.startsWith('errand-audit-'))
    localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), hash: '${'f'.repeat(64)}' }))`);
  await page.reload();
  await verify(page, 'Verify the seal');
  await panel(page).getByText('the chain was made again').waitFor();
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Adds sealed entries, as the sealing of the service would. */
async function addSealed(count: number): Promise<void> {
  const { workspaceId } = office();
  await superuser.query('BEGIN');
  await superuser.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.audit_seal', 0))`);
  await superuser.query('SET LOCAL session_replication_role = replica');
  const { rows } = await superuser.query(
    `INSERT INTO audit (workspace_id, audit_id, actor_type, actor_id, actor_label, action, target, details)
     SELECT $1, gen_random_uuid(), 'api_key', 'k', 'Program ' || n, 'credential.used', 'crm_1', jsonb_build_object('calls', n, 'runId', gen_random_uuid())
     FROM generate_series(1, $2) AS n RETURNING audit_id, actor_label, details, at`,
    [workspaceId, count],
  );
  const head = 'SELECT seq, hash FROM audit_seal WHERE workspace_id = $1 ORDER BY seq DESC LIMIT 1';
  let last = (await superuser.query(head, [workspaceId])).rows[0] ?? CHAIN_START;
  const links = rows.map(({ audit_id: auditId, actor_label: label, details, at }) => {
    const actor = { type: 'api_key' as const, id: 'k', label };
    const fields = { action: 'credential.used' as const, target: 'crm_1', details, at: at.toISOString() };
    const seq = last.seq + 1;
    last = {
      seq,
      hash: sha256(sealedText(workspaceId, { auditId, actor, ...fields }, { seq, hash: last.hash })),
      auditId,
    };
    return last;
  });
  await superuser.query(
    `INSERT INTO audit_seal (workspace_id, seq, audit_id, hash) SELECT $1, * FROM unnest($2::int[], $3::uuid[], $4::text[])`,
    [workspaceId, ...['seq', 'auditId', 'hash'].map((name) => links.map((link) => link[name]))],
  );
  await superuser.query('COMMIT');
}

type TraceEvent = { name: string; pid: number; tid: number; ts: number; tdur?: number; args?: { name?: string } };

/** The processor times of the tasks of the main threads of pages, in ms; not of tasks that the start or end of the trace cuts. */
async function tasksDuring(page: Page, work: () => Promise<unknown>): Promise<number[]> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const isMain = ({ name, args }: TraceEvent) => name === 'thread_name' && args?.name === 'CrRendererMain';
  const main = new Set(traceEvents.filter(isMain).map(threadOf));
  return traceEvents
    .filter((event) => event.name === 'RunTask' && main.has(threadOf(event)))
    .flatMap(({ tdur }) => (tdur === undefined ? [] : [tdur / 1000]));
}

test('a hundred thousand entries are verified without keeping the page from working', async () => {
  await sealed();
  await addSealed(ENTRIES);
  const { page } = await open('/audit');
  await entries(page).nth(1).waitFor();
  const heap = () => page.evaluate<number>('performance.memory.usedJSHeapSize');
  const before = await heap();
  const tasks = await tasksDuring(page, () => verify(page, 'Verify the seal'));
  await panel(page).getByText('No entry was changed, moved or removed.').waitFor();
  const [, count = ''] = /([\d,.]+) of \1 sealed/.exec((await panel(page).textContent()) ?? '') ?? [];
  expect(Number(count.replace(/\D/g, ''))).toBeGreaterThan(ENTRIES);
  expect(tasks.length).toBeGreaterThan(100);
  expect(Math.max(...tasks)).toBeLessThanOrEqual(50);
  expect((await heap()) - before).toBeLessThan(20_000_000);
  await page.getByRole('button', { name: 'Verify the seal' }).click();
  await panel(page).getByRole('button', { name: 'Stop' }).click();
  await panel(page).getByText('stopped').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await panel(page).getByText('No entry was changed, moved or removed.').waitFor({ timeout: 300_000 });
}, 900_000);
