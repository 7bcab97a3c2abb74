import { type ApprovalAction, holds, type Principal, type RunEvent } from '@errand/contracts';

/** Makes links to pages where humans decide. They are made when an event is read: the log stores only ids. */
export interface Links {
  approvalLinks(workspaceId: string, approvalId: string): ApprovalAction[];
  questionLink(workspaceId: string, requestId: string): string;
  /** The page that answers a request of a service. */
  inputLink(workspaceId: string, requestId: string): string;
  /** The page where the user gives a consent or a credential. */
  consentLink(workspaceId: string, consentId: string): string;
}

export type AddLinks = (type: string, text: string) => string;

/**
 * Adds links to events for one reader. A link grants the right to act, so only readers with that right get it: to decide approvals, or
 * to make consent links. A user token decides by itself: its answers stay in a browser, so they have no links that decide, and no names
 * of other people.
 * @param reader without it no link is added
 * @param withDecisions whether links to decide or answer are added; links to consents always are
 */
export function createLinkAdder(
  links: Links | undefined,
  workspaceId: string,
  reader?: Principal,
  withDecisions = true,
): AddLinks {
  const isUserToken = reader?.kind === 'user_token';
  const mayDecide = withDecisions && reader !== undefined && !isUserToken && holds(reader, 'approvals:decide');
  const mayConnect = reader !== undefined && holds(reader, 'connections:write');
  return (type, text) => {
    if (isUserToken && DECISION_EVENTS.has(type)) return withoutDecider(text);
    if (!links || !mayNeedLink(type, text)) return text;
    const event = JSON.parse(text) as RunEvent;
    if (event.type === 'authentication') addConsentLink(event, mayConnect ? links : undefined, workspaceId);
    else if (mayDecide) addDecisionLink(event, links, workspaceId);
    return JSON.stringify(event);
  };
}

function addConsentLink(
  { auth }: Extract<RunEvent, { type: 'authentication' }>,
  links: Links | undefined,
  workspaceId: string,
): void {
  if (auth.status !== 'required') return;
  delete auth.url;
  if (links && auth.consentId !== undefined) auth.url = links.consentLink(workspaceId, auth.consentId);
}

function addDecisionLink(event: RunEvent, links: Links, workspaceId: string): void {
  switch (event.type) {
    case 'run_approval':
      event.approvalActions = links.approvalLinks(workspaceId, event.approvalId);
      break;
    case 'question':
      event.url = links.questionLink(workspaceId, event.requestId);
      break;
    case 'input':
      event.url = links.inputLink(workspaceId, event.requestId);
      break;
    case 'step':
      if (event.step.approvalId !== undefined)
        event.step.approvalActions = links.approvalLinks(workspaceId, event.step.approvalId);
  }
}

const DECISION_EVENTS = new Set<string>(['run_action', 'effect', 'answer'] satisfies RunEvent['type'][]);

function withoutDecider(text: string): string {
  const { decidedBy: _, answeredBy: __, ...event } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(event);
}

// Only events with a decision request are parsed.
const mayNeedLink = (type: string, text: string): boolean =>
  type === 'run_approval' ||
  type === 'question' ||
  type === 'input' ||
  type === 'authentication' ||
  (type === 'step' && text.includes('"approval":"PENDING"'));
