// Two workspaces on one service, and ids of their objects.
import { randomBytes, randomUUID } from 'node:crypto';
import { scopes } from '@errand/contracts';
import pg from 'pg';
import { expect } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { withDatabase } from '../fixtures/database.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, type Caller, overRest } from '../fixtures/transports.ts';
import { anotherWorkspace } from '../fixtures/workspace.ts';
import { type AnyOperation, fill, type Hole, holesOf, inputWith, type Kinds, type Operation } from './id-fields.ts';
import { overRest as send } from './send.ts';

/** A text in every object of the first workspace. */
export const CANARY = 'canary-of-the-first';

export type Tenant = {
  workspaceId: string;
  caller: Caller;
  crm: string;
  runId: string;
  executionPlanId: string;
  webhookId: string;
  deliveryId: string;
  sql: pg.Pool;
  /** Objects for one test alone, because a test may use them up. */
  fresh: (table: string, changes: object) => Promise<void>;
};

type Sample = {
  /** The id of an existing object in a workspace. */
  real: (tenant: Tenant, operation: AnyOperation) => string | Promise<string>;
  /** An unknown id of the same form; by default the real one with another end. */
  nobody?: () => string;
};

const hex = () => randomBytes(4).toString('hex');
const waitingFor = (of: string) => async (tenant: Tenant, operation: AnyOperation) => {
  const decision_request_id = randomUUID();
  const kind = operation.name === 'inputs.answer' ? 'input' : of;
  await tenant.fresh('decision_request', { decision_request_id, kind, key: decision_request_id });
  return decision_request_id;
};

const freshIn = (table: string, column: string) => async (tenant: Tenant) => {
  const id = randomUUID();
  await tenant.fresh(table, { [column]: id });
  return id;
};

const keyIn = (table: string, prefix: string) => async (tenant: Tenant) => {
  const key = `${prefix}-${randomUUID()}`;
  await tenant.fresh(table, { key });
  return key;
};

async function newRow({ sql }: Tenant, statement: string, values: unknown[]): Promise<string> {
  return (await sql.query<{ id: string }>(statement, values)).rows[0]!.id;
}

async function newMember(tenant: Tenant): Promise<string> {
  return newRow(
    tenant,
    `WITH person AS (INSERT INTO person (person_id, name) VALUES (gen_random_uuid(), 'x') RETURNING person_id)
     INSERT INTO membership (workspace_id, person_id, role, made_by) SELECT $1, person_id, 'viewer', '' FROM person RETURNING person_id AS id`,
    [tenant.workspaceId],
  );
}

/** How to get an id of each kind. A schema or field that is named here is covered by the matrix. */
export const samples: Record<string, Sample> = {
  RunId: {
    real: async (tenant, { name }) => {
      if (name !== 'runs.delete') return tenant.runId;
      const run_id = randomUUID();
      await tenant.fresh('run', { run_id, execution_plan_id: randomUUID() });
      return run_id;
    },
    nobody: randomUUID,
  },
  ExecutionPlanId: { real: ({ executionPlanId }) => executionPlanId, nobody: randomUUID },
  ApprovalId: { real: waitingFor('tool_approval'), nobody: randomUUID },
  EffectId: { real: waitingFor('effect'), nobody: randomUUID },
  QuestionId: { real: waitingFor('question'), nobody: randomUUID },
  CustomerIntegrationId: { real: ({ crm }) => crm, nobody: () => `crm_${hex()}` },
  ToolName: { real: ({ crm }) => `${crm}.listUsers`, nobody: () => `crm_${hex()}.listUsers` },
  UserId: {
    real: async (tenant) => {
      const user_id = `user-${randomUUID()}`;
      await tenant.fresh('integration_user', { user_id });
      return user_id;
    },
    nobody: () => `user-${randomUUID()}`,
  },
  ApiKeyId: {
    real: async (tenant) => {
      const api_key_id = randomUUID();
      await tenant.fresh('api_key', { api_key_id, hmac: `\\x${randomBytes(32).toString('hex')}` });
      return api_key_id;
    },
    nobody: randomUUID,
  },
  ApprovalRuleId: { real: freshIn('approval_rule', 'approval_rule_id'), nobody: randomUUID },
  WebhookId: { real: freshIn('webhook', 'webhook_id'), nobody: randomUUID },
  InspectionId: { real: freshIn('integration_inspection', 'inspection_id'), nobody: randomUUID },
  ScheduleId: { real: freshIn('schedule', 'schedule_id'), nobody: randomUUID },
  DeliveryId: { real: ({ deliveryId }) => deliveryId, nobody: randomUUID },
  ActionKey: {
    real: keyIn('action', 'action'),
    // Cursors: one with another end is valid, and lists continue after it.
  },
  repeatKey: {
    real: async (tenant) => {
      const repeat_key = `repeat-${randomUUID()}`;
      await tenant.fresh('run', { run_id: randomUUID(), execution_plan_id: randomUUID(), repeat_key });
      return repeat_key;
    },
    nobody: () => `repeat-${randomUUID()}`,
  },
  IdempotencyKey: {
    real: keyIn('idempotency', 'once'),
    nobody: () => `once-${randomUUID()}`,
  },
  cursor: { real: (tenant, operation) => cursorOf(tenant, operation) },
  WorkspaceId: { real: ({ workspaceId }) => workspaceId, nobody: randomUUID },
  PersonId: { real: newMember, nobody: randomUUID },
  SessionId: {
    real: async (tenant) => {
      const hmacs = [randomBytes(32), randomBytes(32)];
      return newRow(
        tenant,
        `INSERT INTO console_session (session_id, person_id, cookie_hmac, token_hmac, hmac_key_id, ends_at)
         VALUES (gen_random_uuid(), $1, $2, $3, '', now() + interval '1 day') RETURNING session_id AS id`,
        [await newMember(tenant), ...hmacs],
      );
    },
    nobody: randomUUID,
  },
  InvitationId: {
    real: (tenant) =>
      newRow(
        tenant,
        `INSERT INTO console_link (link_id, hmac, kind, workspace_id, name, role, made_by, made_by_label, expires_at)
         VALUES (gen_random_uuid(), $2, 'invitation', $1, 'x', 'viewer', '', '', now() + interval '1 day') RETURNING link_id AS id`,
        [tenant.workspaceId, randomBytes(32)],
      ),
    nobody: randomUUID,
  },
};

export const kinds: Kinds = {
  schemas: new Set(Object.keys(samples)),
  fields: {
    cursor: 'cursor',
    actionKey: 'ActionKey',
    repeatKey: 'repeatKey',
    userId: 'UserId',
    enabled: 'ToolName',
    idempotencyKey: 'IdempotencyKey',
    actorId: 'ApiKeyId',
    inspectionId: 'InspectionId',
  },
  none: {
    StepId: 'names a step within the plan that is sent',
    lastEventId: 'a number within a run',
    ToolCallId: 'names a call within the run that is named beside it',
    apiToken: 'a secret of the caller; nothing is found by it',
    OnBehalfOf: 'a person of the product; nothing is found by it',
    UserTokenPerson: 'a person of the product; nothing is found by it',
    ApproverInput: 'a person; e2e/persons refuses people of other workspaces',
    clientId: 'of another service',
    externalId: 'of another service',
    accessKeyId: 'of another service',
    secretAccessKey: 'a secret of the caller',
    serviceAccountKey: 'a secret of the caller',
    sessionId: 'of the caller; nothing is found by it',
    experimentId: 'of the caller; nothing is found by it',
  },
};

/** Requests whose answers show the objects of a workspace. */
export const telling: Readonly<Record<string, object>> = { 'usage.get': { by: 'user' } };

/**
 * Reads whose answers have no text of a workspace: computed from the request alone, the same for all, or counts, which
 * e2e/histograms.test.ts compares.
 */
export const computed: ReadonlySet<string> = new Set([
  'schedules.preview',
  'runs.histogram',
  'catalog.list',
  'catalog.get',
]);

/** The id with another end: of the same form, and with the same time if it contains one. */
const changed = (id: string): string => `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;

export const nobodys = (kind: string, real: string): string => samples[kind]!.nobody?.() ?? changed(real);

/** The cursor of the second page of a list. */
async function cursorOf({ caller, webhookId, crm }: Tenant, operation: AnyOperation): Promise<string> {
  const request = inputWith(operation, kinds);
  const input = {
    ...(fill(
      request,
      new Map(holesOf(request).map((hole) => [hole, hole.kind === 'CustomerIntegrationId' ? crm : webhookId])),
    ) as object),
    pageSize: 1,
  };
  const { status, text } = await send(caller, operation as Operation, input);
  const { nextCursor, pagination } = JSON.parse(text);
  const cursor: unknown = nextCursor ?? pagination?.nextCursor;
  if (typeof cursor === 'string') return cursor;
  throw new Error(
    `${operation.name} gave no cursor: keep two of its items in e2e/tenancy/tenants.ts. ${status} ${text}`,
  );
}

/** Texts that identify a workspace, except for those that were sent. */
export const secretsOf = (
  { workspaceId, runId, executionPlanId, crm }: Tenant,
  sent: ReadonlyMap<Hole, string> = new Map(),
) =>
  [CANARY, workspaceId, runId, executionPlanId, crm].filter(
    (secret) => ![...sent.values()].some((id) => id.includes(secret)),
  );

export async function startTenants() {
  const stack = await startStack();
  const sql = new pg.Pool({ connectionString: stack.databaseUrl, max: 2 });
  const first = await withDatabase(stack, async ({ workspaces, apiKeys, pool }) => {
    const { workspaceId } = await workspaces.first();
    await pool.query('UPDATE workspace SET name = $2, consent_verify_url = $3 WHERE workspace_id = $1', [
      workspaceId,
      `the first ${CANARY}`,
      `https://app.example.com/${CANARY}`,
    ]);
    for (let n = 0; n < 2; n++) await apiKeys.create(workspaceId, { name: `key ${CANARY}`, scopes });
    return workspaceId;
  });
  const { workspaceId, ...caller } = await anotherWorkspace(stack, 'the second');
  await overRest(caller).apiKeys.create({ name: 'key second', scopes: ['runs:read'] });
  const tenant = async (workspaceId: string, caller: Caller, mark: string): Promise<Tenant> =>
    keep({ stack, sql, workspaceId, caller }, mark);
  return {
    stack,
    sql,
    mine: await tenant(first, stack, CANARY),
    otherTenant: await tenant(workspaceId, caller, 'second'),
    async close() {
      await sql.end();
      await stack.close();
    },
  };
}

type Office = { stack: Stack; sql: pg.Pool; workspaceId: string; caller: Caller };

/** Creates one object of each kind in a workspace, over the API where possible. */
async function keep({ stack, sql, workspaceId, caller }: Office, mark: string): Promise<Tenant> {
  const api = overRest(caller);
  const [seeded] = (await api.integrations.list({})).integrations;
  const auth = { type: 'API_TOKEN', token: stack.crm.token } as const;
  const { customerIntegrationId: crm } =
    seeded ?? (await api.integrations.create({ name: 'CRM', kind: 'openapi', url: stack.crm.documentUrl, auth }));
  await api.integrations.patch({ customerIntegrationId: crm, name: `CRM ${mark}`, instructions: mark });
  await api.integrations.create({ name: `Unused ${mark}`, url: stack.crm.documentUrl, enable: 'none' });
  // `workspace.status` shows integrations with a fault.
  await sql.query('UPDATE integration SET list_failures = 1 WHERE workspace_id = $1', [workspaceId]);
  for (const userId of [mark, `${mark} 2`])
    await api.integrations.putCredentials({ customerIntegrationId: crm, userId, apiToken: stack.crm.token });
  const plan = aPlan(`${crm}.listUsers`);
  const input = aRun({
    intent: `List all users, ${mark}`,
    userId: mark,
    metadata: { of: mark },
    repeatKey: mark,
    plan,
  });
  const { run } = await carryOut(api, { ...input, idempotencyKey: `once-${mark}` });
  expect(run.status).toBe('SUCCESS');
  await api.feedback.put({ runId: run.runId, rating: 'positive', comment: mark });
  const { runId, executionPlanId } = run;
  await api.actions.keep({ key: `kept-${mark}`, runId });
  await api.actions.keep({ key: `kept-${mark}-2`, runId });
  const text = `Did ${mark} happen?`;
  await sql.query(
    `INSERT INTO decision_request (workspace_id, decision_request_id, run_id, user_id, kind, key, customer_integration_id, tool, text)
     SELECT $1, gen_random_uuid(), $2, $3, 'effect', 'k' || n, $4, $4 || '.listUsers', $5 FROM generate_series(1, 2) AS n`,
    [workspaceId, runId, mark, crm, text],
  );
  await sql.query(
    `INSERT INTO approval_rule (workspace_id, approval_rule_id, customer_integration_id, tool, tool_fingerprint, reason, created_by, expires_at)
     SELECT $1, gen_random_uuid(), $2, $2 || '.createActivity', 'x', $3, 'k', now() + interval '1 day' FROM generate_series(1, 2)`,
    [workspaceId, crm, mark],
  );
  const { webhookId } = await keepQuietly(api, stack, mark);
  await sql.query(
    `INSERT INTO integration_inspection (workspace_id, inspection_id, principal, document, bytes, expires_at)
     VALUES ($1, gen_random_uuid(), 'api_key:1', '{}', 2, now() + interval '1 day')`,
    [workspaceId],
  );
  await sql.query('INSERT INTO workspace_brand (workspace_id, name) VALUES ($1, $2)', [workspaceId, mark]);
  await keepOrigins(sql, workspaceId, mark);
  const { rows: deliveries } = await sql.query<{ id: string }>(
    `INSERT INTO webhook_delivery (workspace_id, delivery_id, webhook_id, type, data, state, next_attempt_at)
     SELECT $1, uuidv7(), $2, 'webhook.test', '{}', 'delivered', NULL FROM generate_series(1, 2) RETURNING delivery_id AS id`,
    [workspaceId, webhookId],
  );
  const deliveryId = deliveries[0]!.id;
  const fresh: Tenant['fresh'] = async (table, changes) => {
    // Without generated columns.
    const { rows } = await sql.query<{ names: string }>(
      `SELECT string_agg(quote_ident(attname), ', ') AS names FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
      [table],
    );
    const { names } = rows[0]!;
    await sql.query(
      `INSERT INTO ${table} (${names}) SELECT ${names} FROM (SELECT (jsonb_populate_record(t, $2)).* FROM ${table} AS t
       WHERE workspace_id = $1 ORDER BY t.ctid LIMIT 1) AS one`,
      [workspaceId, changes],
    );
  };
  return { workspaceId, caller, crm, runId, executionPlanId, webhookId, deliveryId, sql, fresh };
}

async function keepOrigins(sql: pg.Pool, workspaceId: string, mark: string): Promise<void> {
  await sql.query(
    `INSERT INTO workspace_origin (workspace_id, origin, note, created_by)
     SELECT $1, 'http://10.0.0.' || n, $2, 'k' FROM generate_series(1, 2) AS n`,
    [workspaceId, mark],
  );
  await sql.query('INSERT INTO workspace_browser_origin (workspace_id, origin) VALUES ($1, $2)', [
    workspaceId,
    `https://${mark}.example`,
  ]);
}

/** Creates schedules and webhooks that do nothing while states are compared. @returns one of the webhooks */
async function keepQuietly(api: Api, stack: Stack, mark: string) {
  const run = aRun({ intent: mark, userId: mark });
  for (const name of [mark, `${mark} 2`]) await api.schedules.create({ name, cron: '0 0 1 1 *', run, active: false });
  // They subscribe to no event of these tests.
  const hook = { url: `${stack.crm.url}/hook`, events: ['webhook.disabled' as const], description: mark };
  await api.webhooks.create(hook);
  return api.webhooks.create(hook);
}

/** Resolves when a workspace has no pending work. */
export const settled = (sql: pg.Pool, { workspaceId }: Tenant): Promise<void> =>
  expect
    .poll(
      async () => {
        const { rows } = await sql.query(
          `SELECT 1 FROM run WHERE workspace_id = $1 AND status IN ('QUEUED', 'RUNNING') LIMIT 1`,
          [workspaceId],
        );
        return rows.length;
      },
      { timeout: 60_000, interval: 20 },
    )
    .toBe(0);

/** An answer without the ids that were sent and the id of the request. */
export function withoutIds(
  { status, text }: { status: number; text: string },
  sent: ReadonlyMap<Hole, string>,
): string {
  let plain = text.replaceAll(/\\?"instance\\?":\\?"[^"\\]*\\?"/g, '"instance":""');
  const values = [...sent].sort(([, a], [, b]) => b.length - a.length);
  for (const [{ kind, path }, value] of values) plain = plain.replaceAll(value, `<${kind} at ${path}>`);
  // The selection of the caller's own tools depends on their similarity to the text that was sent.
  plain = plain.replaceAll(/(Did you mean|There are) [^"]*/g, '<tools of the caller>');
  // New values in the answer to a change differ each time, also the place where an action's run failed.
  if (status < 300 || text.includes('action_failed')) {
    plain = plain
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
      .replaceAll(/\b[0-9a-f]{16}-\d+\b/g, '<frame>')
      .replaceAll(/_[0-9a-f]{8}\b/g, '_<hex>')
      .replaceAll(/[\w-]{32,}/g, '<random>');
  }
  return `${status} ${plain}`;
}
