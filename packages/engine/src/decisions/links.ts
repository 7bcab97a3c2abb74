import { type ApprovalAction, holds, type Principal, type RunEvent } from '@errand/contracts';

/** Where humans decide. Made when an event is read: the log holds ids and never what decides. */
export interface Links {
  /** Pages that approve and deny. */
  approval(workspaceId: string, approvalId: string): ApprovalAction[];
  /** The page at which the user gives a consent or a credential. */
  consent(workspaceId: string, consentId: string): string;
}

/** Puts links into the text of an event. */
export type Link = (type: string, text: string) => string;

/**
 * Links for one reader's view of a run's events. A link is as good as the scope for what it leads to, so each is shown only to a
 * reader that could do the same without it: approve and deny, or make a link for a consent.
 * @param reader without one no link is put in
 */
export function linker(links: Links | undefined, workspaceId: string, reader: Principal | undefined): Link {
  const decides = reader !== undefined && holds(reader, 'approvals:decide');
  const connects = reader !== undefined && holds(reader, 'connections:write');
  return (type, text) => {
    if (!links || !asks(type, text)) return text;
    const event = JSON.parse(text) as RunEvent;
    if (event.type === 'authentication' && event.auth.status === 'required') {
      const { consentId } = event.auth;
      delete event.auth.url;
      if (connects && consentId !== undefined) event.auth.url = links.consent(workspaceId, consentId);
    } else if (event.type === 'run_approval' && decides) {
      event.approvalActions = links.approval(workspaceId, event.approvalId);
    } else if (event.type === 'step' && event.step.approvalId !== undefined && decides) {
      event.step.approvalActions = links.approval(workspaceId, event.step.approvalId);
    }
    return JSON.stringify(event);
  };
}

// Few events ask something: the others are not parsed.
const asks = (type: string, text: string): boolean =>
  type === 'run_approval' || type === 'authentication' || (type === 'step' && text.includes('"approval":"PENDING"'));
