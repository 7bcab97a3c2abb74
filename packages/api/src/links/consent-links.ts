import { openToken, type SigningKeys, signToken } from '@errand/basics/signed-token';
import type { Links } from '@errand/engine';

/**
 * A link asks for a user's consent at an integration, or for the consent that a run waits for. The `registrationId` makes it invalid
 * for an integration that is registered later under the same id.
 */
export type ConsentLink =
  | {
      workspaceId: string;
      customerIntegrationId: string;
      registrationId: string;
      userId: string;
      userName?: string;
      returnTo?: string;
    }
  | { workspaceId: string; consentId: string };

/** Port of the consent pages. */
export interface ConsentPort {
  /** Reads the token of a link; null if this service did not sign it or it has expired. */
  open(token: string): ConsentLink | null;
  /** Makes the token of a link. */
  sign(link: ConsentLink): string;
  /** Whether users may be redirected to this URL afterwards. */
  mayReturnTo(url: string): boolean;
}

const LINK_LIFE_MS = 24 * 3_600_000;

/** The content of a token. The link of a run expires with its decision request, any other link after a day. */
type TokenBody =
  | [workspaceId: string, consentId: string]
  | [string, string, registrationId: string, userId: string, returnTo: string, until: number, userName?: string];

/**
 * Links to consent pages. A link contains its signed content, so links are not stored.
 * @param redirectOrigins origins to which users may be redirected afterwards, in addition to that of this service
 */
export function createConsentLinks(
  keys: () => SigningKeys,
  publicUrl: () => string,
  redirectOrigins: readonly string[],
): ConsentPort & Pick<Links, 'consentLink'> {
  const sign = (link: ConsentLink): string => {
    const body: TokenBody =
      'consentId' in link
        ? [link.workspaceId, link.consentId]
        : [
            link.workspaceId,
            link.customerIntegrationId,
            link.registrationId,
            link.userId,
            link.returnTo ?? '',
            Date.now() + LINK_LIFE_MS,
            link.userName ?? '',
          ];
    return signToken(keys(), Buffer.from(JSON.stringify(body)));
  };
  return {
    sign,
    open(token) {
      const body = openToken(keys(), token);
      return body && toLink(JSON.parse(body.toString()) as TokenBody);
    },
    mayReturnTo: (url) => {
      const { origin, username, password } = new URL(url);
      if (username !== '' || password !== '') return false;
      return origin === new URL(publicUrl()).origin || redirectOrigins.includes(origin);
    },
    consentLink: (workspaceId, consentId) => `${publicUrl()}/v1/connect?token=${sign({ workspaceId, consentId })}`,
  };
}

function toLink(body: TokenBody): ConsentLink | null {
  if (body.length === 2) return { workspaceId: body[0], consentId: body[1] };
  const [workspaceId, customerIntegrationId, registrationId, userId, returnTo, until, userName = ''] = body;
  if (until < Date.now()) return null;
  return {
    workspaceId,
    customerIntegrationId,
    registrationId,
    userId,
    ...(userName !== '' && { userName }),
    ...(returnTo !== '' && { returnTo }),
  };
}
