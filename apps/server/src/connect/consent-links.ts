import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ConsentDoor, ConsentLink } from '@errand/api';
import type { Vault } from '@errand/db';
import type { Links } from '@errand/engine';

const lifeMs = 24 * 3_600_000;

/** A link as its token holds it: one that a run asks for ends with its question, another one after a day. */
type Body =
  | [workspaceId: string, consentId: string]
  | [string, string, registrationId: string, userId: string, returnTo: string, until: number];

/**
 * Links to pages on which users consent: what they ask stands in them, under an HMAC, so that nothing of it is stored.
 * @param redirectOrigins origins that users may be sent to afterwards, beside that of this service
 */
export function createConsentLinks(
  vault: Vault,
  publicUrl: () => string,
  redirectOrigins: readonly string[],
): ConsentDoor & Pick<Links, 'consent'> {
  const keys = () => vault.keysFor('consent link');
  const mac = (key: Buffer, body: string) => createHmac('sha256', key).update(body).digest();
  const sign = (link: ConsentLink): string => {
    const body: Body =
      'consentId' in link
        ? [link.workspaceId, link.consentId]
        : [
            link.workspaceId,
            link.customerIntegrationId,
            link.registrationId,
            link.userId,
            link.returnTo ?? '',
            Date.now() + lifeMs,
          ];
    const text = Buffer.from(JSON.stringify(body)).toString('base64url');
    return `${text}.${mac(keys()[0], text).toString('base64url')}`;
  };
  return {
    sign,
    open(token) {
      const [text = '', given = '', ...more] = token.split('.');
      const bytes = Buffer.from(given, 'base64url');
      // base64url is read leniently; only what we would have written is one of ours
      if (more.length > 0 || bytes.toString('base64url') !== given) return null;
      const ours = keys().some((key) => {
        const right = mac(key, text);
        return right.length === bytes.length && timingSafeEqual(right, bytes);
      });
      return ours ? read(JSON.parse(Buffer.from(text, 'base64url').toString()) as Body) : null;
    },
    mayReturnTo: (url) => {
      const { origin, username, password } = new URL(url);
      if (username !== '' || password !== '') return false;
      return origin === new URL(publicUrl()).origin || redirectOrigins.includes(origin);
    },
    consent: (workspaceId, consentId) => `${publicUrl()}/v1/connect?token=${sign({ workspaceId, consentId })}`,
  };
}

function read(body: Body): ConsentLink | null {
  if (body.length === 2) return { workspaceId: body[0], consentId: body[1] };
  const [workspaceId, customerIntegrationId, registrationId, userId, returnTo, until] = body;
  if (until < Date.now()) return null;
  return { workspaceId, customerIntegrationId, registrationId, userId, ...(returnTo !== '' && { returnTo }) };
}
