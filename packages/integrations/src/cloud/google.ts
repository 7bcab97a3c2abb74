import { MAX_URL, Secret } from '@errand/contracts';
import { genericTokenEndpointRequest, processGenericTokenEndpointResponse } from 'oauth4webapi';
import { z } from 'zod';
import { EgressError } from '../egress/error.ts';
import { type EgressContext, fetchOptionsFor } from '../oauth/http.ts';
import { readTokenAnswer } from '../oauth/token/token-answer.ts';
import { parsedJson } from '../parsed-json.ts';
import { type CloudAccess, refusedAccess, unansweredAccess } from './cloud-access.ts';

const KeyFile = z.object({
  client_email: z.string().min(3).max(320),
  private_key: z.string().includes('PRIVATE KEY').max(16_384),
  private_key_id: z.string().max(200).optional(),
  token_uri: z.string().max(MAX_URL).default('https://oauth2.googleapis.com/token'),
});

export type GoogleServiceAccount = {
  /** The key file, JSON text. */
  key: Secret;
  scopes: readonly string[];
  /** E-mail of the user to act for (domain-wide delegation); by default the account acts for itself. */
  subject?: string;
};

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LIFE_SECONDS = 3_600;

/** The fault of a key file (JSON), in a sentence that shows nothing of it; undefined if the file is usable. */
export async function faultOfKeyFile(text: string): Promise<string | undefined> {
  const file = parseKeyFile(text);
  if (!file) return 'It is not the JSON key file of a service account: client_email or private_key is missing.';
  try {
    const { importPKCS8 } = await import('jose');
    await importPKCS8(file.private_key, 'RS256');
    return undefined;
  } catch {
    return 'Its private_key is not an RSA key in PKCS #8.';
  }
}

const parseKeyFile = (text: string) => KeyFile.safeParse(parsedJson(text)).data;

/** Exchanges an assertion, signed with the key of a service account, for an access token (RFC 7523). */
export async function googleAccess(
  account: GoogleServiceAccount,
  context: EgressContext,
): Promise<CloudAccess<Secret>> {
  const file = parseKeyFile(account.key.reveal());
  if (!file || !URL.canParse(file.token_uri)) return { kind: 'refused', reason: 'key_file_invalid' };
  const assertion = await signAssertion(file, account).catch(() => undefined);
  if (assertion === undefined) return { kind: 'refused', reason: 'key_file_invalid' };
  const server = { issuer: file.token_uri, token_endpoint: file.token_uri };
  const client = { client_id: file.client_email };
  try {
    // The assertion identifies the caller, so no client authentication is sent.
    const options = await fetchOptionsFor(context, file.token_uri);
    const response = await genericTokenEndpointRequest(server, client, () => {}, GRANT_TYPE, { assertion }, options);
    const read = await readTokenAnswer(response);
    if (read.kind === 'refused') return refusedAccess(response, read.word);
    if (read.kind === 'unreadable') return { kind: 'refused', reason: 'unreadable' };
    const answer = await processGenericTokenEndpointResponse(server, client, read.response);
    const expiresAt = new Date(Date.now() + (answer.expires_in ?? LIFE_SECONDS) * 1_000);
    return { kind: 'access', value: new Secret(answer.access_token), expiresAt };
  } catch (error) {
    return error instanceof EgressError ? unansweredAccess(error) : { kind: 'refused', reason: 'unreadable' };
  }
}

async function signAssertion(
  file: z.output<typeof KeyFile>,
  { scopes, subject }: GoogleServiceAccount,
): Promise<string> {
  const { SignJWT, importPKCS8 } = await import('jose');
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: file.client_email, scope: scopes.join(' '), ...(subject !== undefined && { sub: subject }) };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(file.private_key_id && { kid: file.private_key_id }) })
    .setAudience(file.token_uri)
    .setIssuedAt(now)
    .setExpirationTime(now + LIFE_SECONDS)
    .sign(await importPKCS8(file.private_key, 'RS256'));
}
