// A credential is erased while its token is refreshed: the new tokens are revoked, and no service gets them.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aPlan, aRun } from './fixtures/builders.ts';
import { MASTER_KEYS } from './fixtures/consents.ts';
import { startServer } from './fixtures/server.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';

let stub: Stub;
let stack: Stack;
let api: Api;
/** The same API on another process. */
let elsewhere: Api;
let user = '';
let users = 0;

/** Issued pairs of tokens, and revoked tokens. */
let pairs = 0;
let revoked: string[] = [];
/** Delays the answer to a token request of this grant type, after its pair is issued. */
type HeldTokenRequest = {
  grant: 'refresh_token' | 'authorization_code';
  arrived: Promise<void>;
  note(): void;
  answer: Promise<void>;
  release(): void;
};
let heldRequest: HeldTokenRequest;
const hold = (grant: HeldTokenRequest['grant']): HeldTokenRequest => {
  let note = () => {};
  let release = () => {};
  const arrived = new Promise<void>((resolve) => {
    note = resolve;
  });
  const answer = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { grant, arrived, note, answer, release };
};

beforeAll(async () => {
  stub = await startStub({
    authorize: {
      answer: (response, { url }) => {
        const query = new URL(url, stub.origin).searchParams;
        const back = new URL(query.get('redirect_uri') ?? '');
        back.search = String(new URLSearchParams({ code: 'code', state: query.get('state') ?? '' }));
        response.writeHead(302, { location: back.href }).end();
      },
    },
    token: {
      method: 'POST',
      answer: async (response, { body }) => {
        // Each token expires as it is issued, so each call refreshes first.
        const pair = { access_token: `AT-${++pairs}`, refresh_token: `RT-${pairs}`, expires_in: 1 };
        if (body.includes(`grant_type=${heldRequest.grant}`)) {
          heldRequest.note();
          await heldRequest.answer;
        }
        json(response, { token_type: 'bearer', ...pair });
      },
    },
    revoke: {
      method: 'POST',
      answer: (response, { body }) => {
        revoked.push(new URLSearchParams(body).get('token') ?? '');
        response.end();
      },
    },
    look: { answer: (response) => json(response, { word: 'seen' }) },
  });
  const env = { ERRAND_MASTER_KEYS: MASTER_KEYS, ERRAND_EGRESS_ALLOW: stub.origin };
  stack = await startStack({ seed: false, env });
  api = overRest(stack);
  const { databaseUrl } = stack;
  const another = await startServer({ databaseUrl, env: { ...env, ERRAND_ROLE: 'http' } });
  elsewhere = overRest({ url: another.url, apiKey: stack.apiKey });
  return async () => {
    await another.stop();
    await stack.close();
    await stub.close();
  };
});
beforeEach(() => {
  user = `user-${++users}`;
  heldRequest = hold('refresh_token');
  revoked = [];
  stub.hits.length = 0;
});

/** An integration with the user's consent. */
async function connected(): Promise<string> {
  const urls = { authorizationUrl: `${stub.origin}/authorize`, tokenUrl: `${stub.origin}/token` };
  const integration = await api.integrations.create({
    name: 'Office',
    kind: 'openapi',
    document: stub.document,
    auth: { type: 'OAUTH2', clientId: 'errand', clientSecret: 's', ...urls, revocationUrl: `${stub.origin}/revoke` },
  });
  const { customerIntegrationId } = integration;
  const browser = new Browser();
  const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId, userId: user });
  const end = await browser.submit(await browser.open(authorizeUrl), { decision: 'allow' });
  expect(end.url.search).toBe('?status=success');
  return customerIntegrationId;
}

type Erase = (at: Api, customerIntegrationId: string) => Promise<unknown>;
const eraseUser: Erase = (at) => at.users.erase({ userId: user });
const deleteCredentials: Erase = (at, customerIntegrationId) =>
  at.integrations.deleteCredentials({ customerIntegrationId, userId: user });
const deleteIntegration: Erase = (at, customerIntegrationId) => at.integrations.delete({ customerIntegrationId });

test.each([
  ['erasing the user', eraseUser],
  ['deleting the credentials', deleteCredentials],
  ['deleting the integration', deleteIntegration],
] as const)(
  '%s while another process refreshes: the new pair is revoked, and the service never gets it',
  async (_, erase) => {
    for (const at of [elsewhere, api]) {
      const id = await connected();
      heldRequest = hold('refresh_token');
      const { runId } = await api.runs.create(aRun({ userId: user, plan: aPlan(`${id}.look`) }));
      await heldRequest.arrived;
      const pairCount = pairs;
      await erase(at, id);
      expect(revoked).not.toContain(`RT-${pairCount}`);
      heldRequest.release();
      await expect
        .poll(async () => (await api.runs.get({ runId })).status, { timeout: 60_000 })
        .toMatch(/^(AUTH_REQUIRED|FAILED)$/);
      expect(revoked).toEqual(expect.arrayContaining([`RT-${pairCount}`, `AT-${pairCount}`]));
      expect(stub.hits.filter(({ operation }) => operation === 'look')).toEqual([]);
      await api.runs.cancel({ runId }).catch(() => {});
    }
  },
);

test('a code for an integration that is deleted meanwhile: its pair is revoked', async () => {
  const id = await connected();
  const browser = new Browser();
  const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId: id, userId: user });
  heldRequest = hold('authorization_code');
  const ending = browser.submit(await browser.open(authorizeUrl), { decision: 'allow' });
  await heldRequest.arrived;
  await deleteIntegration(elsewhere, id);
  heldRequest.release();
  expect((await ending).headers.get('x-problem-code')).toBe('oauth_state_invalid');
  expect(revoked).toEqual([`RT-${pairs}`, `AT-${pairs}`]);
});
