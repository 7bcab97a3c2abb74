// Approvals by link: the request, and the decision as a program or the page sends it.
import { z } from 'zod';
import { Approver } from '../access/approver.ts';
import {
  csrf,
  doc,
  inputText,
  oneOf,
  optionalInputText,
  optionalText,
  optionalTime,
  storableText,
  text,
} from '../base/fields.ts';
import { Json } from '../base/json.ts';
import { Plan } from '../base/plan.ts';
import { ApprovalId, RunId, ToolName, UserId } from '../base/scalars.ts';
import { CallInWords, PlanInWords } from './in-words.ts';

/** An approval request, for a program with its link. */
export const ApprovalView = z
  .object({
    approvalId: ApprovalId,
    runId: RunId,
    userId: UserId,
    intent: text('What the run is for.', 'Log a call with Contoso'),
    text: text('The request, for people.', 'Create a ticket for Northwind at Demo CRM?'),
    tool: ToolName.optional().meta({ description: 'Absent for a plan.' }),
    args: Json.optional().meta({
      description: 'The arguments of the call, or a list of `{toolCallId, args}` if the approval covers several calls.',
    }),
    plan: Plan.optional().meta({ description: 'The plan, if the request is about one.' }),
    inWords: CallInWords.optional().meta({ description: 'The requested call, for people.' }),
    planInWords: PlanInWords.optional().meta({ description: 'The plan, for people.' }),
    argsSha256: text(
      'SHA-256 over the arguments or the plan, as canonical JSON (RFC 8785).',
      '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ),
    expiresAt: optionalTime('When it expires. It then counts as denied.'),
    state: oneOf(['pending', 'approved', 'denied', 'gone'], 'gone: expired, or the run has ended.', 'pending'),
    decidedBy: optionalText('Who decided. Absent before, and if the request expired.', 'a link'),
    reason: optionalText('Why.', 'Too expensive'),
    approvers: z.array(Approver).optional().meta({
      description: 'Only these persons decide; a link does not. Absent if the run names none.',
    }),
  })
  .meta({ id: 'ApprovalView', description: 'An approval request and its state.' });
export type ApprovalView = z.infer<typeof ApprovalView>;

/** A decision by link, as a program sends it. */
export const DecideByLink = z
  .strictObject({
    token: inputText(500, 'The token of the link. It also contains the decision.', 'AZLw…'),
    reason: storableText(2000).optional().meta(doc('Why, for the record and for the planner.', 'Too expensive')),
    argsSha256: optionalInputText(
      100,
      'The argsSha256 that GET returned. If the request has changed since, the decision is rejected.',
      '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ),
  })
  .meta({ id: 'DecideByLink', description: 'A decision by the holder of a link.' });
export type DecideByLink = z.infer<typeof DecideByLink>;

/** A decision by link, as the form of the page sends it. */
export const DecideByForm = z
  .strictObject({
    ...DecideByLink.shape,
    csrf,
    argsSha256: z.string().max(100).meta(doc('The argsSha256 of the page.', '9f86d081…')),
  })
  .meta({ id: 'DecideByForm', description: 'A decision on the page.' });
