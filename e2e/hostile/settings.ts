// Parties that the settings of a service name: the issuer that signs people in, and the model.
import { generateKeyPairSync, sign } from 'node:crypto';
import { OidcBrowser } from '../people/oidc-browser.ts';
import { json, type Outside, type Party, type Route } from './outside.ts';
import { ANSWER_BYTES, runOf } from './parties.ts';
import { seedsIn } from './seeds.ts';
import type { World } from './world.ts';

type Named = { route: Route; settings: Record<string, string>; parties(world: World): Party[] };

export function issuerAt({ origin }: Outside): Named {
  const { tokens, metadata } = seedsIn('answers', { ORIGIN: origin });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const header = { alg: 'RS256', kid: 'k', typ: 'JWT' };
  const now = Math.floor(Date.now() / 1000);
  const user = { sub: 'ann', name: 'Ann', email: 'ann@a.example', groups: ['staff'], more: { a: 'b' } };
  let nonce = '';
  const claims = () => ({ iss: origin, aud: 'errand', iat: now, exp: now + 3600, nonce, ...user });
  const tokensWith = (head: string, payload: string) => {
    const text = [head, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
    return { ...tokens, id_token: `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}` };
  };
  const good = () => tokensWith(JSON.stringify(header), JSON.stringify(claims()));
  const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] };
  return {
    route: ({ url }) => {
      const name = url.pathname.slice(1);
      return { name, answer: json(name === 'token' ? good() : name === 'keys' ? keys : metadata) };
    },
    settings: {
      ...{ ERRAND_OIDC_ISSUER: origin, ERRAND_OIDC_CLIENT_ID: 'errand', ERRAND_OIDC_CLIENT_SECRET: 's3cr3t' },
      ERRAND_OIDC_GROUPS: JSON.stringify({ staff: { workspace: 'default', role: 'viewer' } }),
    },
    parties: ({ office }) => {
      const drive = async () => {
        const browser = new OidcBrowser(office.stack.url);
        const { searchParams } = new URL(await browser.begin());
        nonce = searchParams.get('nonce') ?? '';
        const query = new URLSearchParams({ code: 'c', state: searchParams.get('state') ?? '' });
        const { status, fragment } = await browser.visit(`/console/sign-in/oidc/callback?${query}`);
        return String(fragment === '' ? status : (await browser.redeem(fragment)).status);
      };
      const party = { name: 'token', size: ANSWER_BYTES, drive };
      // Base64 makes four bytes of three.
      const inToken = { ...party, size: ANSWER_BYTES * 0.7 };
      const ofClaims = (text: string) =>
        tokensWith(JSON.stringify(header), text.replace('"nonce":""', `"nonce":"${nonce}"`));
      return [
        { ...party, field: 'tokens of a sign-in', seed: good(), statuses: [200, 400] },
        { ...inToken, field: 'claims of a sign-in', seed: claims(), wrap: (text) => json(ofClaims(text)) },
        {
          ...inToken,
          field: 'header of an ID token',
          seed: header,
          wrap: (text) => json(tokensWith(text, JSON.stringify(claims()))),
        },
      ];
    },
  };
}

/** A model that plans: its chunks, its plan, its errors. */
export function modelAt(outside: Outside): Named {
  const seeds = seedsIn('answers', { ORIGIN: outside.origin });
  const chunk = (content: string) =>
    JSON.parse(JSON.stringify(seeds.chunk).replace('"CONTENT"', () => JSON.stringify(content)));
  const stream = (text: string) => ({
    headers: { 'content-type': 'text/event-stream' },
    body: `data: ${text}\n\ndata: [DONE]\n\n`,
  });
  let plan = '{}';
  return {
    route: () => ({ name: 'model', answer: stream(JSON.stringify(chunk(plan))) }),
    settings: {
      ...{
        ERRAND_MODEL_PROVIDER: 'openai-compatible',
        ERRAND_MODEL: 'm',
        ERRAND_MODEL_BASE_URL: `${outside.origin}/v1`,
      },
    },
    parties: ({ api, office }) => {
      plan = JSON.stringify(seeds.plan).replace('TOOL', `${office.id}.look`);
      const drive = () => runOf(api, { intent: 'Look at things' });
      const party = { name: 'model', size: 1_000_000, drive, wrap: stream };
      const ofPlan = (text: string) => stream(JSON.stringify(chunk(text)));
      return [
        { ...party, field: 'chunk of a model', seed: chunk(plan), statuses: [200, 400] },
        { ...party, field: 'plan of a model', seed: JSON.parse(plan), wrap: ofPlan, size: ANSWER_BYTES },
        { ...party, field: 'tool call of a model', seed: seeds.called },
        { ...party, field: 'error of a model', seed: seeds.modelError, wrap: (text) => json(text, 400) },
      ];
    },
  };
}
