import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { type StubService, startStubService } from './stub-service.ts';

type KeysAnswer = { status: number; body: string };
type Signing = { alg?: string; typ?: string; kid?: string };

export type StubIssuer = StubService & {
  /** A token of this issuer for ten minutes; undefined removes a claim. */
  token(claims: Record<string, unknown>, signing?: Signing): Promise<string>;
  /** The newest public key, as it is published. */
  publicKey(): JWK;
  /** Signs with a new key from now on; only that one is published. */
  rotate(): Promise<void>;
  /** Answers this instead of the keys; undefined: the keys again. */
  answerKeys(answer: KeysAnswer | undefined): void;
  /** How often its keys were read. */
  reads(): number;
};

/** An issuer of access tokens, which publishes metadata and the keys that it signs with. */
export async function startStubIssuer(alg = 'ES256'): Promise<StubIssuer> {
  const state = { keysAnswer: undefined as KeysAnswer | undefined, reads: 0, keys: 0 };
  const make = async () => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: `key-${++state.keys}`, alg, use: 'sig' } };
  };
  let key = await make();
  const stub = await startStubService(({ url }, response) => {
    const json = (status: number, body: string) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    if (url === '/.well-known/oauth-authorization-server')
      return json(200, JSON.stringify({ issuer: stub.origin, jwks_uri: `${stub.origin}/keys` }));
    if (url !== '/keys') return json(404, '{}');
    state.reads++;
    json(state.keysAnswer?.status ?? 200, state.keysAnswer?.body ?? JSON.stringify({ keys: [key.jwk] }));
  });
  return Object.assign(stub, {
    token(claims: Record<string, unknown>, signing: Signing = {}) {
      const now = Math.floor(Date.now() / 1000);
      const all = { iss: stub.origin, sub: 'ana', iat: now, exp: now + 600, ...claims };
      return new SignJWT(JSON.parse(JSON.stringify(all)) as JWTPayload)
        .setProtectedHeader({ alg, typ: 'at+jwt', kid: key.jwk.kid, ...signing })
        .sign(key.privateKey);
    },
    publicKey: () => key.jwk,
    async rotate() {
      key = await make();
    },
    answerKeys(answer: KeysAnswer | undefined) {
      state.keysAnswer = answer;
    },
    reads: () => state.reads,
  });
}
