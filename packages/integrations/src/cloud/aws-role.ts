import { sha256 } from '@errand/basics/sha256';
import { Secret } from '@errand/contracts';
import { EgressError } from '../egress/error.ts';
import { laterResult } from '../egress/headers.ts';
import type { EgressContext } from '../oauth/http.ts';
import { type AwsKeys, signAws } from './aws-signature.ts';
import { type CloudAccess, unansweredAccess } from './cloud-access.ts';

export type AwsRole = {
  roleArn: string;
  region: string;
  /** Required by the owner of the role, so that no other customer's integration can assume it (confused deputy). */
  externalId?: string;
  /** The user of the calls; names the session in the owner's audit log. */
  userId: string;
  /** Lifetime of the session in seconds, 900 to 43 200; by default an hour. */
  durationSeconds?: number;
  stsUrl?: string;
};

/** Session names have 2 to 64 of these characters; a hash distinguishes users whose names would become equal. */
export function sessionName(userId: string): string {
  const safeName = userId.replace(/[^\w+=,.@-]/g, '-');
  if (safeName === userId && safeName.length >= 2 && safeName.length <= 64) return safeName;
  const digest = sha256(userId).slice(0, 12);
  return `${safeName.slice(0, 51)}-${digest}`;
}

function stsUrlFor({ region, roleArn }: AwsRole): string {
  return `https://sts.${region}.amazonaws.com${roleArn.startsWith('arn:aws-cn:') ? '.cn' : ''}/`;
}

export async function assumeRole(role: AwsRole, keys: AwsKeys, context: EgressContext): Promise<CloudAccess<AwsKeys>> {
  const form = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: role.roleArn,
    RoleSessionName: sessionName(role.userId),
    DurationSeconds: String(role.durationSeconds ?? 3_600),
    ...(role.externalId !== undefined && { ExternalId: role.externalId }),
  });
  const call = {
    method: 'POST',
    url: new URL(role.stsUrl ?? stsUrlFor(role)),
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } as Record<string, string>,
    body: form.toString(),
  };
  await signAws(call, keys, { region: role.region, service: 'sts' });
  try {
    const { egress, signal } = context;
    const { status, body, headers } = await egress.request({ ...call, credentials: true, timeoutMs: 10_000, signal });
    const text = body.toString('utf8');
    if (status === 200) return parseKeys(text) ?? { kind: 'refused', reason: 'unreadable' };
    if (status >= 500 || status === 429 || /<Code>(?:Throttling|RequestLimitExceeded)/.test(text)) {
      return laterResult(headers['retry-after']);
    }
    return { kind: 'refused', reason: elementText(text, 'Code', /^\w{1,60}$/) ?? 'refused' };
  } catch (error) {
    if (error instanceof EgressError) return unansweredAccess(error);
    throw error;
  }
}

/** Text of an element without children. AWS's answers are small and flat, so no XML parser is needed. */
function elementText(xml: string, name: string, form: RegExp): string | undefined {
  // inserts a name: those of the calls are words
  const content = new RegExp(`<${name}>([^<>&]*)</${name}>`).exec(xml)?.[1]?.trim();
  return content !== undefined && form.test(content) ? content : undefined;
}

function parseKeys(xml: string): CloudAccess<AwsKeys> | undefined {
  const accessKeyId = elementText(xml, 'AccessKeyId', /^\w{16,128}$/);
  const secretAccessKey = elementText(xml, 'SecretAccessKey', /^[\w/+=]{1,256}$/);
  const sessionToken = elementText(xml, 'SessionToken', /^[\w/+=]{1,8192}$/);
  const expiresAt = Date.parse(elementText(xml, 'Expiration', /^[\dT:.Z+-]{10,40}$/) ?? '');
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiresAt)) return undefined;
  const keys = { accessKeyId, secretAccessKey: new Secret(secretAccessKey), sessionToken: new Secret(sessionToken) };
  return { kind: 'access', value: keys, expiresAt: new Date(expiresAt) };
}
