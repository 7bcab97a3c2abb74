// The plan of a run as it is returned.
import { query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { doc, oneOf, optionalText, text } from '../base/fields.ts';
import { Json } from '../base/json.ts';
import { Plan } from '../base/plan.ts';
import { Effect, ExecutionPlanId, StepId, Timestamp } from '../base/scalars.ts';
import { ArgOrigins } from '../decisions/in-words.ts';

export const PlanMaker = z
  .object({
    kind: oneOf(
      ['builtin', 'model', 'caller', 'repeat', 'action', 'rerun'],
      'builtin: the planner of the service, without a model. caller: sent with the run. repeat: copied from the run repeatRunId. action: stored with the action. rerun: copied from the run rerunOf.',
      'model',
    ),
    model: optionalText('The provider and the name of the model. Only for `model`.', 'anthropic/claude-sonnet-4-5'),
  })
  .meta({ id: 'PlanMaker', description: 'The origin of a plan.' });
export type PlanMaker = z.infer<typeof PlanMaker>;

const madeAt = Timestamp.meta({ description: 'When the plan was stored. Planning had ended then.' });

export const ExecutionPlan = z
  .discriminatedUnion('planType', [
    z.object({
      planType: z.literal('text').meta({ description: 'Planning has not finished.' }),
      plan: text('A placeholder.', 'Planning has not finished.'),
    }),
    z.object({
      planType: z.literal('json').meta({ description: 'The plan is a program.' }),
      plan: Plan,
      input: z
        .record(z.string(), Json)
        .optional()
        .meta({ description: 'The input of a run of an action.', examples: [{ accountName: 'Contoso' }] }),
      madeBy: PlanMaker.optional().meta({ description: 'The origin of the plan. Absent in events.' }),
      madeAt: madeAt.optional().meta({ description: 'When the plan was stored. Absent in events.' }),
    }),
  ])
  .meta({ id: 'ExecutionPlan', description: 'The plan of a run.' });
export type ExecutionPlan = z.infer<typeof ExecutionPlan>;

export const StepDetails = z
  .object({
    stepId: StepId,
    title: text('The name of the integration and the title of the operation.', 'Demo CRM: List deals'),
    effect: Effect,
    needs: z
      .array(StepId)
      .meta(doc('Steps that must end before: those in dependsOn, and those that its expressions name.', ['account'])),
    argOrigins: ArgOrigins,
  })
  .meta({ id: 'StepDetails', description: 'A step of a plan, for display.' });
export type StepDetails = z.infer<typeof StepDetails>;

const version = z.int().min(1).meta(doc('Number of the plan in its run: 1, 2, 3 …', 2));

export const PlanVersion = z
  .object({
    version,
    madeAt,
    madeBy: PlanMaker,
    reason: optionalText(
      'Why it replaced the plan before it.',
      'Planned on with what was read: Demo CRM: List accounts.',
    ),
  })
  .meta({ id: 'PlanVersion', description: 'A plan of a run, without its content.' });
export type PlanVersion = z.infer<typeof PlanVersion>;

const [textPlan, jsonPlan] = ExecutionPlan.options;
export const ReadExecutionPlan = z
  .discriminatedUnion('planType', [
    textPlan,
    jsonPlan.extend({
      madeBy: PlanMaker,
      madeAt,
      version,
      versions: z.array(PlanVersion).meta({
        description:
          'All plans of the run, oldest first. A run has several if it planned again after reading or after a failure. Plans that were replaced before this was recorded are absent.',
      }),
      steps: z.array(StepDetails).meta({ description: 'The steps, in the order of the plan.' }),
      words: z.array(z.string()).meta({
        description: 'The plan for people: a numbered sentence for each step.',
        examples: [['1. List accounts matching "Northwind"', '2. List deals of the account found in 1']],
      }),
    }),
  ])
  .meta({
    id: 'ReadExecutionPlan',
    description: 'The plan of a run, with the dependencies of its steps and the origins of their arguments.',
  });
export type ReadExecutionPlan = z.infer<typeof ReadExecutionPlan>;

export const executionPlans = withTag('Execution plans', {
  get: query({
    input: z.strictObject({
      executionPlanId: ExecutionPlanId,
      version: z.int().min(1).max(1000).optional().meta(doc('The plan to return: the newest by default.', 1)),
    }),
    output: ReadExecutionPlan,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/execution-plans/{executionPlanId}',
      summary: 'Get an execution plan',
      success: 'The plan.',
      description:
        'The steps of a run: its tools, arguments, order and dependencies; a text until planning has finished. You can send `plan` with a new run. A run that planned again has several versions.',
    },
  }),
});
