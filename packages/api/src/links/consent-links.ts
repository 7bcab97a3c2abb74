import { openToken, type SigningKeys, signToken } from '@errand/basics/signed-token';
import type { Links } from '@errand/engine';

/**
 * A link asks for the consent of a user at an integration, or for the consent that a run waits for. The `registrationId` makes it
 * useless for an integration that is registered later under the same id.
 */
export type ConsentLink =
  | { workspaceId: string; customerIntegrationId: string; registrationId: string; userId: string; returnTo?: string }
  | { workspaceId: string; consentId: string };

/** Port: what the consent pages need. */
export interface ConsentPort {
  /** Reads the token of a link; null when it was not signed by this service or has expired. */
  open(token: string): ConsentLink | null;
  /** Makes the token of a link. */
  sign(link: ConsentLink): string;
  /** Whether users may be redirected to an address afterwards. */
  mayReturnTo(url: string): boolean;
}

const LIFE_MS = 24 * 3_600_000;

/** The content of a token. A link of a run expires with its decision request, another link after a day. */
type Body =
  | [workspaceId: string, consentId: string]
  | [string, string, registrationId: string, userId: string, returnTo: string, until: number];

/**
 * Links to consent pages. A link holds its content, signed, so that nothing is stored.
 * @param redirectOrigins origins to which users may be redirected afterwards, besides that of this service
 */
export function createConsentLinks(
  keys: () => SigningKeys,
  publicUrl: () => string,
  redirectOrigins: readonly string[],
): ConsentPort & Pick<Links, 'consentLink'> {
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
            Date.now() + LIFE_MS,
          ];
    return signToken(keys(), Buffer.from(JSON.stringify(body)));
  };
  return {
    sign,
    open(token) {
      const body = openToken(keys(), token);
      return body && read(JSON.parse(body.toString()) as Body);
    },
    mayReturnTo: (url) => {
      const { origin, username, password } = new URL(url);
      if (username !== '' || password !== '') return false;
      return origin === new URL(publicUrl()).origin || redirectOrigins.includes(origin);
    },
    consentLink: (workspaceId, consentId) => `${publicUrl()}/v1/connect?token=${sign({ workspaceId, consentId })}`,
  };
}

function read(body: Body): ConsentLink | null {
  if (body.length === 2) return { workspaceId: body[0], consentId: body[1] };
  const [workspaceId, customerIntegrationId, registrationId, userId, returnTo, until] = body;
  if (until < Date.now()) return null;
  return { workspaceId, customerIntegrationId, registrationId, userId, ...(returnTo !== '' && { returnTo }) };
}
