import { linkPrincipal, type Principal, problem } from '@errand/contracts';
import { type Connection, findDecisionRequest, type WorkspaceDb } from '@errand/db';
import type { ApiDeps } from '../deps.ts';
import type { ClientAddress } from '../limits/failed-attempts.ts';
import type { ConsentLink } from '../links/consent-links.ts';
import type { LinkAccess } from '../links/link-access.ts';
import type { EnteredVariables } from './variable-fields.ts';

type ConsentDeps = Pick<ApiDeps, 'db'> & { access: LinkAccess<ConsentLink> };

/** The request of a link: its user, its integration, and the redirect afterwards. */
export type ConsentRequest = {
  link: ConsentLink;
  /** The holder of the link. */
  holder: Principal;
  workspaceId: string;
  workspaceDb: WorkspaceDb;
  connection: Connection;
  userId: string;
  /** The name of the user, if the product sent it. */
  userName?: string | undefined;
  /** The intent of the run that asks, if any. */
  intent?: string;
  returnTo?: string;
  /** The values of variables that the user entered. */
  entered?: EnteredVariables;
};

export const noSuchConsent = () => problem('consent_not_found', 'This link does not exist, or it has expired.');

const closed = () => problem('consent_gone', 'This request is closed: it was answered, it expired, or its run ended.');

/** The principal on a consent page. */
export const consentHolder = (target: { customerIntegrationId: string; userId: string }, ip: string): Principal =>
  linkPrincipal('a consent page', `${target.customerIntegrationId}/${target.userId}`, ip);

/**
 * Reads the request of a link.
 * @throws ProblemError consent_not_found for an invalid token, rate_limited after too many of them, consent_gone
 */
export async function readConsentRequest(
  { db, access }: ConsentDeps,
  token: string,
  request: ClientAddress,
): Promise<ConsentRequest> {
  const link = access.open(token, request);
  const { workspaceId } = link;
  const target = 'consentId' in link ? await findRunConsent({ db }, workspaceId, link.consentId) : link;
  const holder = consentHolder(target, request.ip);
  const workspaceDb = db.forWorkspace(workspaceId, holder);
  const connection = await workspaceDb.integrations.connection(target.customerIntegrationId);
  if (!connection?.active || !isSameRegistration(target, connection)) throw closed();
  const intent = 'intent' in target ? { intent: target.intent } : {};
  return {
    link,
    holder,
    workspaceId,
    workspaceDb,
    connection,
    userId: target.userId,
    userName: target.userName,
    returnTo: target.returnTo,
    ...intent,
  };
}

async function findRunConsent({ db }: Pick<ConsentDeps, 'db'>, workspaceId: string, consentId: string) {
  const row = await findDecisionRequest({ pool: db.poolOf(workspaceId), workspaceId }, consentId);
  if (row?.kind !== 'consent' || row.decidedAt !== null || row.expired) throw closed();
  const { customerIntegrationId, userId, runId, createdAt, intent, redirectUri } = row;
  const { userName } = await db.apiKeys.requester(workspaceId, runId);
  return {
    customerIntegrationId: customerIntegrationId as string,
    userId,
    userName,
    askedAt: createdAt,
    returnTo: redirectUri ?? undefined,
    intent,
  };
}

/** Whether the link is for this integration, and not for an earlier one with the same id. */
const isSameRegistration = (target: { registrationId: string } | { askedAt: Date }, connection: Connection): boolean =>
  'registrationId' in target
    ? target.registrationId === connection.registrationId
    : connection.registeredAt <= target.askedAt;
