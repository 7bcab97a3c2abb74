// Events as sentences.
import { decisionLabels, runStatusLabels } from '@errand/contracts/labels';
import { flowStateLabels } from '../../../plan/step-state.tsx';
import type { EventOf, RunEvent } from './log.ts';

export function eventText(event: RunEvent): string {
  switch (event.type) {
    case 'start':
      return 'The errand started.';
    case 'status':
      return event.reason ?? runStatusLabels[event.runStatus];
    case 'step':
      return stepText(event.step);
    case 'authentication':
      return consentText(event.auth);
    case 'run_approval':
      return 'The plan waits for approval.';
    case 'run_action':
      return decision(
        event.action === 'approve' ? decisionLabels.approve : decisionLabels.deny,
        event.decidedBy,
        event.reason,
      );
    case 'effect':
      return decision(decisionLabels[event.decision], event.decidedBy, event.reason);
    case 'question':
      return event.question;
    case 'input':
      return `${event.integrationName}: ${event.text}`;
    case 'answer':
      return answerText(event);
    case 'end':
      return event.summary ?? event.error?.message ?? runStatusLabels[event.runStatus];
  }
}

function stepText({ title, stepId, state, text }: EventOf<'step'>['step']): string {
  const name = title ?? stepId;
  return [`${name}: ${flowStateLabels[state ?? 'done']}.`, text].filter(Boolean).join(' ');
}

function consentText(auth: EventOf<'authentication'>['auth']): string {
  if (auth.status === 'required') return `A consent for ${auth.integrationName} is needed.`;
  return auth.status === 'success' ? 'The consent was given.' : 'The consent was refused.';
}

function answerText({ answer, answeredBy, reason, action }: EventOf<'answer'>): string {
  if (reason === 'expired') return 'Nobody answered in time.';
  const what = typeof answer === 'string' ? `“${answer}”` : (action ?? decisionLabels.answer);
  return decision(what, answeredBy, undefined);
}

function decision(what: string, by: string | undefined, reason: string | undefined): string {
  const sentence = `${what[0]?.toUpperCase() ?? ''}${what.slice(1)} ${by === undefined ? 'because the request expired' : `by ${by}`}.`;
  return reason === undefined ? sentence : `${sentence} ${reason}`;
}

/** An event without links to decisions and consents: anyone who has such a link may use it. */
export function withoutLinks(event: RunEvent): RunEvent {
  switch (event.type) {
    case 'step': {
      const { approvalActions: _, ...step } = event.step;
      return { ...event, step };
    }
    case 'run_approval': {
      const { approvalActions: _, ...rest } = event;
      return rest;
    }
    case 'question':
    case 'input': {
      const { url: _, ...rest } = event;
      return rest as RunEvent;
    }
    case 'authentication':
      return { ...event, auth: { ...event.auth, url: undefined } as typeof event.auth };
    default:
      return event;
  }
}
