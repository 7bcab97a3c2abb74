// A product confirms the user of a consent before the credential counts.
import { scopes } from '@errand/contracts';
import { type Db, openDatabase } from '@errand/db';
import { loginsOf } from '@errand/db/testing';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser, type Visit } from './fixtures/browser.ts';
import { aPlan, aRun } from './fixtures/builders.ts';
import { consent } from './fixtures/calendar.ts';
import { as, type ConsentStack, MASTER_KEYS, reaches as reach, startConsentStack } from './fixtures/consents.ts';
import { APP } from './fixtures/default-service.ts';
import { beginTask } from './fixtures/periodic-task.ts';
import { within } from './fixtures/receiver.ts';
import { request } from './fixtures/request.ts';
import { type Caller, overRest } from './fixtures/transports.ts';

const VERIFY = `${APP}/consents/verify`;
const RETURN = `${APP}/errands?of=1`;

let at: ConsentStack;
let db: Db;
let users = 0;
let user = '';
let ada: ReturnType<typeof as>;

beforeAll(async () => {
  at = await startConsentStack();
  db = openDatabase({ ...loginsOf(at.stack.databaseUrl), masterKeys: [MASTER_KEYS] });
  await at.api.workspace.setConsentSettings({ verifyUrl: VERIFY });
  return async () => {
    await db.close();
    await at.close();
  };
});
beforeEach(() => {
  user = `user-${++users}`;
  ada = as(user, at);
});

const reaches = (runId: string, status: string) => reach(at, runId, status);
const codeOf = ({ url }: Visit) => {
  expect(`${url.origin}${url.pathname}`).toBe(VERIFY);
  expect([...url.searchParams.keys()]).toEqual(['code']);
  return url.searchParams.get('code') ?? '';
};
/** Completes a link in another browser, as far as the page of the product. */
const complete = async (link: string) => codeOf(await consent(new Browser(), link, { until: APP }));
const confirm = (code: string, userId = user, caller: Caller = at.stack) =>
  request(caller, '/v1/consents/confirm', { body: { code, userId } });
const outcome = async (answer: ReturnType<typeof confirm>) => {
  const { status, problem } = await answer;
  return [status, problem.code];
};
const workspaceId = async () => (await at.api.session.get({})).workspace!.workspaceId;
/** The access token that waits for the confirmation of a code. */
const waitingToken = async (code: string) => {
  const consentOfCode = await db.forWorkspace(await workspaceId()).unconfirmedConsents.read(code);
  return consentOfCode?.grant?.accessToken.reveal() ?? '';
};
const isValid = (token: string) => at.world.authorization.check(token) !== undefined;
const expire = () => at.pool.query(`UPDATE unconfirmed_consent SET expires_at = now() - interval '1 second'`);

/** A run that waits for the consent of the user, and its link. */
const waitingRun = async (more: Parameters<typeof ada.ask>[0] = {}) => {
  const runId = await ada.ask({ redirectUri: RETURN, ...more });
  await reaches(runId, 'AUTH_REQUIRED');
  return { runId, link: await ada.linkOf(runId) };
};

describe('a consent at an authorization server', () => {
  test('continues the run once the product has confirmed the user', async () => {
    const { webhookId } = await at.api.webhooks.create({
      url: `${at.stub.origin}/hook`,
      events: ['connection.created'],
    });
    const messages = async () => (await at.api.webhooks.deliveries({ webhookId })).deliveries.map(({ type }) => type);
    const { runId, link } = await waitingRun();
    const code = await complete(link);
    expect(await ada.connection().catch(() => ({ active: false }))).toMatchObject({ active: false });
    expect((await at.api.runs.get({ runId })).status).toBe('AUTH_REQUIRED');
    expect(await messages()).toEqual([]);
    const { status, text } = await confirm(code);
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { customerIntegrationId: at.calendar, userId: user, returnTo: `${RETURN}&status=success` },
    ]);
    await reaches(runId, 'SUCCESS');
    await expect.poll(messages, within).toEqual(['connection.created']);
    await at.api.webhooks.delete({ webhookId });
    const { entries } = await at.api.audit.list({ action: 'credential.stored', actorType: 'api_key' });
    expect(entries[0]).toMatchObject({ target: at.calendar, details: { userId: user } });
  });

  test('gives nobody a credential if another person completed the link', async () => {
    const { runId, link } = await waitingRun();
    const code = await complete(link);
    const token = await waitingToken(code);
    expect(isValid(token)).toBe(true);
    const mallory = `${user}-mallory`;
    expect(await outcome(confirm(code, mallory))).toEqual([409, 'consent_for_another_user']);
    expect(isValid(token)).toBe(false);
    expect(await outcome(confirm(code))).toEqual([404, 'consent_not_found']);
    expect((await at.api.runs.get({ runId })).status).toBe('AUTH_REQUIRED');
    for (const userId of [user, mallory]) {
      const stored = at.api.integrations.getUser({ customerIntegrationId: at.calendar, userId });
      expect(await stored.catch(() => ({ active: false }))).toMatchObject({ active: false });
    }
    const { entries } = await at.api.audit.list({ action: 'credential.refused' });
    expect(entries[0]).toMatchObject({
      target: at.calendar,
      details: { userId: user, reason: 'another_user', confirmedUserId: mallory },
    });
    // The link still serves its user.
    expect((await confirm(await complete(link))).status).toBe(200);
    await reaches(runId, 'SUCCESS');
  });

  test('is confirmed once, and only by a key of its workspace', async () => {
    const code = await complete(await ada.linkFor());
    const other = await db.workspaces.create('other');
    const { key } = await db.apiKeys.create(other.workspaceId, { name: 'key', scopes });
    const foreign = { url: at.stack.url, apiKey: key };
    expect(await outcome(confirm(code, user, foreign))).toEqual([404, 'consent_not_found']);
    const reader = await at.api.apiKeys.create({ name: 'reader', scopes: ['runs:read', 'runs:write'] });
    const weak = { url: at.stack.url, apiKey: reader.key };
    expect(await outcome(confirm(code, user, weak))).toEqual([403, 'insufficient_scope']);
    const outcomes = await Promise.all([confirm(code), confirm(code), confirm(code)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    expect((await ada.connection()).active).toBe(true);
    expect(await outcome(confirm(code))).toEqual([404, 'consent_not_found']);
  });

  test('expires after ten minutes, and is revoked then', async () => {
    const code = await complete(await ada.linkFor());
    const token = await waitingToken(code);
    await expire();
    expect(await outcome(confirm(code))).toEqual([404, 'consent_not_found']);
    await beginTask(at.stack.databaseUrl, 'unconfirmed_consents');
    await expect.poll(() => isValid(token), within).toBe(false);
    expect((await at.pool.query('SELECT FROM unconfirmed_consent WHERE user_id = $1', [user])).rowCount).toBe(0);
    expect((await ada.connection()).active).toBe(false);
  });

  test('is revoked when its user is erased meanwhile', async () => {
    const code = await complete(await ada.linkFor());
    const token = await waitingToken(code);
    await at.api.users.erase({ userId: user });
    expect(isValid(token)).toBe(false);
    expect(await outcome(confirm(code))).toEqual([404, 'consent_not_found']);
  });

  test('is refused if the authorization of the integration changed meanwhile', async () => {
    const { authorization, calendar } = at.world;
    const { clientId, clientSecret, publicClientId } = authorization;
    const auth = { type: 'OAUTH2', clientId, clientSecret } as const;
    const input = { name: 'Second', kind: 'openapi', url: calendar.documentUrl, auth } as const;
    const { customerIntegrationId } = await at.api.integrations.create(input);
    const { authorizeUrl } = await at.api.integrations.authUrl({ customerIntegrationId, userId: user });
    const code = await complete(authorizeUrl);
    await at.api.integrations.patch({ customerIntegrationId, auth: { type: 'OAUTH2', clientId: publicClientId } });
    expect(await outcome(confirm(code))).toEqual([410, 'consent_gone']);
    expect(await outcome(confirm(code))).toEqual([404, 'consent_not_found']);
  });

  test('survives a restart of the service before the confirmation', async () => {
    const { runId, link } = await waitingRun();
    const code = await complete(link);
    await at.stack.restart();
    expect((await confirm(code)).status).toBe(200);
    await reaches(runId, 'SUCCESS');
  });

  test('sends a refusal of the user to the redirect URI of the run', async () => {
    const { runId, link } = await waitingRun();
    const denied = await consent(new Browser(), link, { decision: 'deny', until: APP });
    expect(denied.url.href).toBe(`${RETURN}&status=error`);
    await expect.poll(async () => (await at.api.runs.get({ runId })).status).not.toBe('AUTH_REQUIRED');
  });
});

test('an entered token counts after the confirmation, at the page of the integration', async () => {
  const { document } = at.stub;
  const input = { name: 'Who', kind: 'openapi', document, auth: { type: 'API_TOKEN' } } as const;
  const ownUrl = `${APP}/of-this-integration`;
  const created = await at.api.integrations.create({ ...input, verifyUrl: ownUrl });
  expect(created.verifyUrl).toBe(ownUrl);
  const { customerIntegrationId: id } = created;
  const runId = await ada.ask({ selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.whoAmI`) });
  await reaches(runId, 'AUTH_REQUIRED');
  const browser = new Browser();
  const page = await browser.open(await ada.linkOf(runId, id));
  expect(page.headers.get('content-security-policy')).toContain(` ${APP}`);
  const { url } = await browser.submit(page, { decision: 'allow', apiToken: 'token-of-ada' }, { until: APP });
  expect(`${url.origin}${url.pathname}`).toBe(ownUrl);
  const code = url.searchParams.get('code') ?? '';
  const who = { customerIntegrationId: id, userId: user };
  expect(await at.api.integrations.getUser(who).catch(() => ({ active: false }))).toMatchObject({ active: false });
  const answer = await confirm(code);
  expect([answer.status, JSON.parse(answer.text)]).toEqual([200, who]);
  await reaches(runId, 'SUCCESS');
  expect(at.stub.hits.at(-1)?.headers.authorization).toBe('Bearer token-of-ada');
  const patched = await at.api.integrations.patch({ customerIntegrationId: id, verifyUrl: null });
  expect(patched).not.toHaveProperty('verifyUrl');
});

test('without a page of the product, the consent page warns of links from other people', async () => {
  const warning = 'Do not continue if another person sent you this link.';
  const link = await ada.linkFor();
  expect((await new Browser().open(link)).html).not.toContain(warning);
  await at.api.workspace.setConsentSettings({ verifyUrl: null });
  try {
    expect((await new Browser().open(link)).html).toContain(warning);
    expect((await consent(new Browser(), link)).url.search).toBe('?status=success');
    expect((await ada.connection()).active).toBe(true);
  } finally {
    await at.api.workspace.setConsentSettings({ verifyUrl: VERIFY });
  }
  const { entries } = await at.api.audit.list({ action: 'workspace.consents_changed' });
  expect(entries.map(({ details }) => details.verifyUrl)).toEqual([VERIFY, null, VERIFY]);
});

test('only pages and redirects that the operator allows are accepted', async () => {
  const { stack, calendar } = at;
  const refused = async (path: string, body: object, method = 'POST') => {
    const { status, problem } = await request(stack, path, { method, body });
    return [status, problem.errors?.[0]?.pointer];
  };
  const run = { intent: 'List events', userId: user, selectedCustomerIntegrationIds: [calendar] };
  for (const url of ['https://evil.example.com/', 'http://app.example.com/', `${APP}.evil.example.com/`]) {
    expect(await refused('/v1/workspace/consents', { verifyUrl: url }, 'PUT')).toEqual([400, '/verifyUrl']);
    expect(await refused(`/v1/integrations/${calendar}`, { verifyUrl: url }, 'PATCH')).toEqual([400, '/verifyUrl']);
    expect(await refused('/v1/runs', { ...run, redirectUri: url })).toEqual([400, '/redirectUri']);
    expect(await refused('/v1/runs/preflight', { ...run, redirectUri: url })).toEqual([400, '/redirectUri']);
    const schedule = { name: 'x', cron: '0 9 * * 1', run: { ...run, redirectUri: url } };
    expect(await refused('/v1/schedules', schedule)).toEqual([400, '/run/redirectUri']);
  }
  expect(await overRest(stack).workspace.consentSettings({})).toEqual({ verifyUrl: VERIFY });
});

/** Where the browser ends after the user has refused. */
const endOf = async (link: string) => (await consent(new Browser(), link, { decision: 'deny', until: APP })).url.href;
const endOfRun = async (runId: string) => {
  await reaches(runId, 'AUTH_REQUIRED');
  return endOf(await ada.linkOf(runId));
};

describe('the redirect URI', () => {
  const OTHER = `${APP}/other?of=2`;
  const [end, otherEnd] = [`${RETURN}&status=error`, `${OTHER}&status=error`];
  /** A run that was successful, and no consent of its user any more. */
  const endedRun = async () => {
    const { runId, link } = await waitingRun();
    await confirm(await complete(link));
    await reaches(runId, 'SUCCESS');
    await at.api.integrations.deleteCredentials({ customerIntegrationId: at.calendar, userId: user });
    return runId;
  };

  test('of a rerun is that of the run unless the request names another one', async () => {
    const runId = await endedRun();
    const same = await at.api.runs.rerun({ runId, mode: 'same_plan' });
    expect(await endOfRun(same.runId)).toBe(end);
    const other = await at.api.runs.rerun({ runId, mode: 'same_plan', redirectUri: OTHER });
    expect(await endOfRun(other.runId)).toBe(otherEnd);
  });

  test('of a run of an action is that of the request', async () => {
    const key = `events-of-${user}`;
    await at.api.actions.keep({ key, runId: await endedRun() });
    const answer = await request(at.stack, '/v1/actions/run', { body: { key, userId: user, redirectUri: OTHER } });
    expect(answer.problem.code).toBe('action_waits');
    expect(await endOfRun(JSON.parse(answer.text).runId)).toBe(otherEnd);
  });

  test('of a schedule is that of its runs', async () => {
    const plan = aPlan(`${at.calendar}.listEvents`);
    const run = aRun({ userId: user, selectedCustomerIntegrationIds: [at.calendar], plan, redirectUri: RETURN });
    const { scheduleId } = await at.api.schedules.create({ name: 'Weekly', cron: '0 9 * * 1', run });
    expect(await endOfRun((await at.api.schedules.run({ scheduleId })).runId)).toBe(end);
  });

  test('of a preflight is in the links of missing consents', async () => {
    const plan = aPlan(`${at.calendar}.listEvents`);
    const run = aRun({ userId: user, selectedCustomerIntegrationIds: [at.calendar], plan, redirectUri: RETURN });
    const { missingConsents } = await at.api.runs.preflight(run);
    expect(await endOf(missingConsents[0]?.url ?? '')).toBe(end);
  });
});
