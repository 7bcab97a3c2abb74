// Each kind of item of a workspace has a bound, also for two creations at once.
import { randomUUID } from 'node:crypto';
import { type ItemKind, itemLimits, system } from '@errand/contracts';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { ActionDraft } from '../actions/actions.ts';
import { type Db, openDatabase } from '../database.ts';
import type { NewSchedule } from '../schedules/schedules.ts';
import { anIntegration } from '../testing/an-integration.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';

let database: TestDatabase;
let db: Db;
let owner: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await db.close();
  await database.drop();
});

const schedule: NewSchedule = {
  ...{ name: 's', cron: '0 0 1 1 *', timeZone: 'UTC', overlap: 'skip', active: true, nextAt: null },
  run: { intent: 'i' } as unknown as NewSchedule['run'],
};
const draft: ActionDraft = {
  ...{
    runId: '01890000-0000-7000-8000-000000000000',
    intent: 'i',
    context: '',
    selected: [],
    approvalStrategy: 'writes',
  },
  ...{ budget: {}, outputSchema: null, inputSchema: null, defaultMapping: true, calls: [], plannedAt: new Date() },
  ...{ found: [], source: {}, plan: {} },
} as ActionDraft;
const invite = (workspaceId: string) =>
  db.consoleLinks.createInvitation(workspaceId, { name: 'Grace', role: 'viewer' }, system);
const HOUR = 3_600_000;

/** How an item of each kind is made: its table, the column that numbers its rows, and others that are unique; `ended`: rows that do not count. */
type Making = {
  make: (workspaceId: string, n: number) => Promise<unknown>;
  table: string;
  id: string;
  unique?: string[];
  ended?: object;
};
const keys = { table: 'api_key', id: 'api_key_id', unique: ['hmac'], ended: { revoked_at: '2020-01-01' } };
const links = { table: 'console_link', id: 'link_id', unique: ['hmac'], ended: { expires_at: '2020-01-01' } };
const makings: Record<ItemKind, Making> = {
  apiKeys: { ...keys, make: (workspaceId) => db.apiKeys.create(workspaceId, { name: 'k', scopes: [] }) },
  replacedApiKeys: {
    ...keys,
    make: async (workspaceId) => {
      const { apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'k', scopes: [] });
      return db.apiKeys.rotate(workspaceId, apiKeyId, HOUR);
    },
  },
  members: {
    ...{ table: 'membership', id: 'person_id' },
    make: async (workspaceId, n) => {
      if (n > 0) return invite(workspaceId);
      const { personId } = await db.people.create({ name: 'Ada' });
      return db.people.addMember(workspaceId, personId, 'viewer', 'system:errand');
    },
  },
  invitations: { ...links, make: invite },
  integrations: {
    ...{ table: 'integration', id: 'customer_integration_id' },
    unique: ['registration_id'],
    make: (workspaceId) => db.forWorkspace(workspaceId).integrations.create(anIntegration()),
  },
  approvalRules: {
    ...{ table: 'approval_rule', id: 'approval_rule_id', ended: { revoked_at: '2020-01-01' } },
    make: async (workspaceId, n) => {
      const { integrations, rules } = db.forWorkspace(workspaceId);
      if (n === 0) await integrations.create(anIntegration({ customerIntegrationId: 'crm' }));
      return rules.create({ tool: 'crm.listDeals', expiresAt: new Date(Date.now() + HOUR) });
    },
  },
  actions: {
    ...{ table: 'action', id: 'key' },
    make: (workspaceId, n) => db.forWorkspace(workspaceId).actions.create(`first-${n}`, draft),
  },
  schedules: {
    ...{ table: 'schedule', id: 'schedule_id' },
    make: (workspaceId) => db.forWorkspace(workspaceId).schedules.create(schedule),
  },
  webhooks: {
    ...{ table: 'webhook', id: 'webhook_id' },
    make: (workspaceId) =>
      db.forWorkspace(workspaceId).webhooks.create({ url: 'https://a.example/', events: ['run.end'], active: true }),
  },
  origins: {
    ...{ table: 'workspace_origin', id: 'origin' },
    make: (workspaceId, n) => db.forWorkspace(workspaceId).origins.allow({ origin: `https://${n}.example` }),
  },
};

const firstRow = async (workspaceId: string, { table, id }: Making) =>
  (
    await owner.query(`SELECT to_jsonb(t) AS row FROM ${table} t WHERE workspace_id = $1 ORDER BY ${id} LIMIT 1`, [
      workspaceId,
    ])
  ).rows[0].row as object;

/** Adds copies of a row. Copied persons exist, too. */
async function addCopies(row: object, { table, id, unique = [] }: Making, count: number) {
  const seed = randomUUID();
  const values = [id, ...unique].map((name) => {
    if (name === 'hmac') return `'hmac', '\\x' || md5('${seed}' || n)`;
    return ['key', 'origin', 'customer_integration_id'].includes(name)
      ? `'${name}', 'copy-' || n`
      : `'${name}', md5('${seed}' || n)::uuid`;
  });
  const copies = `SELECT (jsonb_populate_record(NULL::${table}, $1::text::jsonb || jsonb_build_object(${values}))).*
    FROM generate_series(1, $2::int) AS n`;
  const input = [JSON.stringify(row), count];
  if (table === 'membership')
    await owner.query(`INSERT INTO person (person_id, name) SELECT c.person_id, 'P' FROM (${copies}) AS c`, input);
  await owner.query(`INSERT INTO ${table} ${copies}`, input);
}

test.each(Object.keys(itemLimits) as ItemKind[])(
  'of two %s at once, one exceeds the bound and is refused',
  async (kind) => {
    const { max, items, code } = itemLimits[kind];
    const making = makings[kind];
    const { workspaceId } = await db.workspaces.create(kind);
    await making.make(workspaceId, 0);
    const row = await firstRow(workspaceId, making);
    if (making.ended) await addCopies({ ...row, ...making.ended }, making, 3);
    await addCopies(row, making, max - 2);
    const made = await Promise.allSettled([making.make(workspaceId, 1), making.make(workspaceId, 2)]);
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const { reason } = made.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    const detail = `The workspace has its maximum of ${max.toLocaleString('en-US')} ${items}.`;
    expect(reason).toMatchObject({ code, message: detail, options: { values: { max } } });
    await expect(making.make(workspaceId, 3)).rejects.toMatchObject({ code });
  },
);

test('what exists already is answered at the bound', async () => {
  const { workspaceId } = await db.workspaces.create('full');
  const { integrations, rules, origins } = db.forWorkspace(workspaceId);
  await integrations.create(anIntegration({ customerIntegrationId: 'crm' }));
  const [ofRules, ofOrigins] = [makings.approvalRules, makings.origins];
  const approvalRuleId = randomUUID();
  const rule = { approvalRuleId, tool: 'crm.listDeals', expiresAt: new Date(Date.now() + HOUR) };
  await rules.create(rule);
  await addCopies(await firstRow(workspaceId, ofRules), ofRules, itemLimits.approvalRules.max - 1);
  await expect(rules.checkLimit(randomUUID())).rejects.toMatchObject({ code: 'item_limit_reached' });
  await rules.checkLimit(approvalRuleId);
  expect(await rules.create(rule)).toMatchObject({ approvalRuleId });
  await origins.allow({ origin: 'https://a.example' });
  await addCopies(await firstRow(workspaceId, ofOrigins), ofOrigins, itemLimits.origins.max - 1);
  expect(await origins.allow({ origin: 'https://a.example', note: 'ours' })).toMatchObject({ note: 'ours' });
});
