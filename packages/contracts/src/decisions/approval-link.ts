import { z } from 'zod';
import { described } from '../base/described.ts';
import { inputText, oneOf, optionalInputText, optionalText, optionalTime, plainText, text } from '../base/fields.ts';
import { ApprovalId, RunId, UserId } from '../base/ids.ts';
import { Json } from '../base/json.ts';
import { Plan } from '../base/plan.ts';
import { ToolName } from '../base/tool-name.ts';
import { csrf } from './answer-link.ts';
import { CallInWords, PlanInWords } from './in-words.ts';

/** What an approval asks, for a program that holds a link. */
export const ApprovalView = z
  .object({
    approvalId: ApprovalId,
    runId: RunId,
    userId: UserId,
    intent: text('What the run is for.', 'Log a call with Contoso'),
    text: text('The request, for people.', 'Create a ticket for Northwind at Demo CRM?'),
    tool: ToolName.optional().meta({ description: 'Absent for a plan.' }),
    args: Json.optional().meta({
      description:
        'The arguments of the call; a list of `{toolCallId, args}` where the approval is about several calls.',
    }),
    plan: Plan.optional().meta({ description: 'The plan, where one is asked about.' }),
    inWords: CallInWords.optional().meta({ description: 'The call as it was asked about, for people.' }),
    planInWords: PlanInWords.optional().meta({ description: 'The plan, for people.' }),
    argsSha256: text(
      'SHA-256 over the arguments or the plan, as canonical JSON (RFC 8785).',
      '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ),
    expiresAt: optionalTime('Then it counts as denied.'),
    state: oneOf(['pending', 'approved', 'denied', 'gone'], 'gone: expired, or the run has ended.', 'pending'),
    decidedBy: optionalText('Who decided; absent before, and when the request has expired.', 'a link'),
    reason: optionalText('Why.', 'Too expensive'),
  })
  .meta({ id: 'ApprovalView', description: 'What an approval asks, and where it stands.' });
export type ApprovalView = z.infer<typeof ApprovalView>;

/** A decision by link, as a program sends it. */
export const DecideByLink = z
  .strictObject({
    token: inputText(500, 'The token of the link; it also says what is decided.', 'AZLw…'),
    reason: plainText(2000).optional().meta(described('Why, for the record and for the planner.', 'Too expensive')),
    argsSha256: optionalInputText(
      100,
      'What the approver saw, as GET answered it; refused when it is no longer what would be done.',
      '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ),
  })
  .meta({ id: 'DecideByLink', description: 'A decision by the holder of a link.' });
export type DecideByLink = z.infer<typeof DecideByLink>;

/** The same as the form of the page sends it. */
export const DecideByForm = z
  .strictObject({
    ...DecideByLink.shape,
    csrf,
    argsSha256: z.string().max(100).meta(described('What the page showed.', '9f86d081…')),
  })
  .meta({ id: 'DecideByForm', description: 'A decision on the page.' });
