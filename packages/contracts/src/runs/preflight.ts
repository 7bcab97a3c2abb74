// The preview of a run: its plan, its cost, and everything that is missing.
import { z } from 'zod';
import { count, doc, flag, oneOf, optionalCount, optionalText, text } from '../base/fields.ts';
import { Plan } from '../base/plan.ts';
import { CustomerIntegrationId, Effect, RunId, StepId, ToolName, UserId } from '../base/scalars.ts';
import { requestedSchema } from '../decisions/input.ts';
import { Choices } from '../decisions/question.ts';
import { CreateRunInput } from './create.ts';
import { StepDetails } from './execution-plan.ts';
import { Usage } from './result.ts';

export const PreflightInput = CreateRunInput.omit({
  approvers: true,
  onBehalfOf: true,
  idempotencyKey: true,
  prefer: true,
}).meta({
  // Without an id: in the types of the client, fields of named schemas that have a default are required.
  description: 'An errand to preview: the fields of a new run, without `approvers` and `onBehalfOf`.',
});
export type PreflightInput = z.output<typeof PreflightInput>;

export const PreflightStep = z
  .object({
    stepId: StepId,
    title: text('The step, for people.', 'List deals at Demo CRM'),
    tool: ToolName,
    effect: Effect,
    needsApproval: flag('Whether its calls need approval, unless an approval rule applies.', false),
    needs: StepDetails.shape.needs,
    argOrigins: StepDetails.shape.argOrigins,
  })
  .meta({ id: 'PreflightStep', description: 'A step of a plan that is not executed yet.' });

export const MissingConsent = z
  .object({
    customerIntegrationId: CustomerIntegrationId,
    integrationName: text('Its name, for people.', 'Calendar'),
    userId: UserId,
    url: optionalText(
      'A page on which the user consents or enters a token, within a day, as from auth-url. Only for keys with connections:write.',
      'https://errand.example.com/v1/connect?token=WyIw…',
    ),
  })
  .meta({ id: 'MissingConsent', description: 'A consent or a credential that the run would wait for.' });
export type MissingConsent = z.infer<typeof MissingConsent>;

export const Preflight = z
  .object({
    plan: Plan.optional().meta({
      description:
        'The plan. Sent as `plan` of POST /v1/runs, it is executed exactly as it is. Absent: see `problems`.',
    }),
    repeatRunId: RunId.optional().meta({
      description: 'The earlier run that has this plan. A run with this repeatKey would repeat it.',
    }),
    words: z
      .array(z.string())
      .meta(
        doc('The plan for people, line by line.', [
          'List the deals of Northwind',
          '1. List accounts matching Northwind',
          '2. List deals of the account found in 1',
        ]),
      ),
    steps: z.array(PreflightStep).meta({ description: 'Its steps, in the order of the plan.' }),
    planNeedsApproval: flag('Whether the plan needs approval.', false),
    missingConsents: z.array(MissingConsent).meta(doc('Consents and credentials that the user must give first.', [])),
    estimate: z
      .object({
        calls: count('Calls of tools.', 3),
        writes: count('Calls that change something.', 0),
        atLeast: flag(
          'true: there may be more calls, because a step runs for each item of a list or reads several pages. Such a step counts once.',
          true,
        ),
        tokens: optionalCount(
          'Tokens for planning, read and written. A run with this plan as `plan` does not spend them. Values that a model writes during the run are not included. Absent if no model was used.',
          5200,
        ),
      })
      .meta({ description: 'The calls and tokens that the run would use.' }),
    usage: Usage.pick({
      inputTokens: true,
      cachedInputTokens: true,
      outputTokens: true,
      cost: true,
      priceUnknown: true,
    }).meta({
      id: 'PreflightUsage',
      description: 'The tokens that this preflight has used.',
    }),
    problems: z
      .array(
        z.object({
          code: oneOf(
            ['no_plan', 'plan_failed', 'model_failed', 'question', 'looks_first', 'budget_exhausted', 'doubt'],
            'no_plan, plan_failed, model_failed: the run would end with this error. question: the planner asks people first. looks_first: the plan only reads, and another plan follows; it cannot be sent as `plan`. budget_exhausted: the plan exceeds the budget. doubt: the plan may be wrong.',
            'no_plan',
          ),
          message: text('The problem, for people.', 'No tool fits.'),
          pointer: optionalText('JSON pointer to the part at fault.', '/plan/steps/0'),
          choices: Choices.optional(),
          requestedSchema: requestedSchema.optional(),
        }),
      )
      .meta({ description: 'Problems that the run would have.', examples: [[]] }),
  })
  .meta({ id: 'Preflight', description: 'The plan of a run, and everything that it needs.' });
export type Preflight = z.infer<typeof Preflight>;
