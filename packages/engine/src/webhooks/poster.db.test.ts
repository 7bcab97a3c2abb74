// Who posts to a webhook, and when a job is needed to say so.
import { openDatabase, relayMessages } from '@errand/db';
import { createTestDatabase, masterKey } from '@errand/db/testing';
import type { WebhookSender } from '@errand/ports/webhooks';
import pg from 'pg';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { Poster } from './poster.ts';

afterEach(() => vi.restoreAllMocks());

type Query = (config: unknown) => Promise<unknown>;
type Through = (query: Query, config: unknown) => Promise<unknown>;

/** A database with a webhook, and a poster whose posts the test answers. */
async function aPoster(send: WebhookSender, through: Through = (query, config) => query(config)) {
  const database = await createTestDatabase(inject('postgres'));
  const db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  const sql = new pg.Pool({ connectionString: database.url, max: 1 });
  const { workspaceId } = await db.workspaces.create('one');
  const webhook = { url: 'https://a.example.com/', events: ['schedule.paused'], active: true };
  const { webhookId } = await db.forWorkspace(workspaceId).webhooks.create(webhook);
  const warnings: string[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    error: () => {},
    warn: (_: object, text: string) => void warnings.push(text),
  };
  const query = db.pool.query.bind(db.pool) as Query;
  const pool = Object.assign(Object.create(db.pool) as typeof db.pool, {
    query: (config: unknown) => through(query, config),
  });
  const poster = new Poster({ pool, vault: db.vault, send, log, beginDelivery: () => undefined });
  return {
    poster,
    key: { workspaceId, webhookId },
    warnings,
    async happens(times = 1) {
      await sql.query(
        `INSERT INTO webhook_message (workspace_id, message_id, type, data)
         SELECT $1, errand_audit.new_id(), 'schedule.paused', '{}' FROM generate_series(1, $2::int)`,
        [workspaceId, times],
      );
      await relayMessages(db.pool, 100);
    },
    states: async () =>
      (await sql.query<{ state: string }>('SELECT state FROM webhook_delivery')).rows.map(({ state }) => state),
    async close() {
      await poster.stop();
      await sql.end();
      await db.close();
      await database.drop();
    },
  };
}

const clock = () => {
  const now = performance.now.bind(performance);
  const past = { ms: 0 };
  vi.spyOn(performance, 'now').mockImplementation(() => now() + past.ms);
  return past;
};

test('who has posted to a webhook lately goes on without a job; after a while, or when it was slow, a job decides again', async () => {
  const past = clock();
  let takes = 0;
  const it = await aPoster(async () => {
    past.ms += takes;
    return { status: 200, error: null };
  });
  const taken = (count: number) =>
    expect.poll(() => it.states(), { timeout: 10_000 }).toEqual(Array(count).fill('delivered'));

  await it.happens();
  expect(it.poster.continuesPosting(it.key)).toBe(false);
  it.poster.begin(it.key);
  await taken(1);
  await it.happens(40);
  expect(it.poster.continuesPosting(it.key)).toBe(true);
  await taken(41);

  past.ms += 2001;
  expect(it.poster.continuesPosting(it.key)).toBe(false);
  it.poster.begin(it.key);
  takes = 1001;
  await it.happens();
  it.poster.begin(it.key);
  await taken(42);
  await it.poster.stop();
  expect(it.poster.continuesPosting(it.key)).toBe(false);
  expect(it.warnings).toEqual([]);
  await it.close();
});

test('what becomes due just after a process has looked is posted by it, when it is told', async () => {
  let looks = 0;
  let saw = () => {};
  const sawNothing = new Promise<void>((resolve) => {
    saw = resolve;
  });
  let goOn = () => {};
  const untilReleased = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const it = await aPoster(
    async () => ({ status: 200, error: null }),
    // The second look sees nothing, and is slow to say so.
    async (query, config) => {
      const answer = await query(config);
      if ((config as { name?: string }).name !== 'webhook_take' || ++looks !== 2) return answer;
      saw();
      await untilReleased;
      return answer;
    },
  );
  await it.happens();
  it.poster.begin(it.key);
  await sawNothing;
  await it.happens();
  expect(it.poster.continuesPosting(it.key)).toBe(true);
  goOn();
  await expect.poll(() => it.states(), { timeout: 10_000 }).toEqual(['delivered', 'delivered']);
  await it.close();
});
