import { z } from 'zod';
import { ApprovalId, RunId, Timestamp, UserId } from '../base/ids.ts';
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
    intent: z.string().meta({ description: 'What the run is for.', examples: ['Log a call with Contoso'] }),
    text: z.string().meta({
      description: 'The request, for people.',
      examples: ['Create a ticket for Northwind at Demo CRM?'],
    }),
    tool: ToolName.optional().meta({ description: 'Absent for a plan.' }),
    args: Json.optional().meta({
      description:
        'The arguments of the call; a list of `{toolCallId, args}` where the approval is about several calls.',
    }),
    plan: Plan.optional().meta({ description: 'The plan, where one is asked about.' }),
    inWords: CallInWords.optional().meta({ description: 'The call as it was asked about, for people.' }),
    planInWords: PlanInWords.optional().meta({ description: 'The plan, for people.' }),
    argsSha256: z.string().meta({
      description: 'SHA-256 over the arguments or the plan, as canonical JSON (RFC 8785).',
      examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    }),
    expiresAt: Timestamp.optional().meta({ description: 'Then it counts as denied.' }),
    state: z
      .enum(['pending', 'approved', 'denied', 'gone'])
      .meta({ description: 'gone: expired, or the run has ended.', examples: ['pending'] }),
    decidedBy: z
      .string()
      .optional()
      .meta({ description: 'Who decided; absent before, and when the request has expired.', examples: ['a link'] }),
    reason: z
      .string()
      .optional()
      .meta({ description: 'Why.', examples: ['Too expensive'] }),
  })
  .meta({ id: 'ApprovalView', description: 'What an approval asks, and where it stands.' });
export type ApprovalView = z.infer<typeof ApprovalView>;

/** A decision by link, as a program sends it. */
export const DecideByLink = z
  .strictObject({
    token: z
      .string()
      .min(1)
      .max(500)
      .meta({ description: 'The token of the link; it also says what is decided.', examples: ['AZLw…'] }),
    reason: z
      .string()
      .max(2000)
      .refine((text) => !text.includes('\0') && text.isWellFormed(), 'Must hold no NUL and no lone surrogate.')
      .optional()
      .meta({ description: 'Why, for the record and for the planner.', examples: ['Too expensive'] }),
    argsSha256: z
      .string()
      .max(100)
      .optional()
      .meta({
        description: 'What the approver saw, as GET answered it; refused when it is no longer what would be done.',
        examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
      }),
  })
  .meta({ id: 'DecideByLink', description: 'A decision by the holder of a link.' });
export type DecideByLink = z.infer<typeof DecideByLink>;

/** The same as the form of the page sends it. */
export const DecideByForm = z
  .strictObject({
    ...DecideByLink.shape,
    csrf,
    argsSha256: z
      .string()
      .max(100)
      .meta({ description: 'What the page showed.', examples: ['9f86d081…'] }),
  })
  .meta({ id: 'DecideByForm', description: 'A decision on the page.' });
