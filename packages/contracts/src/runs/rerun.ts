import { z } from 'zod';
import { described } from '../base/described.ts';
import { oneOf } from '../base/fields.ts';
import { RunId } from '../base/ids.ts';
import { CreateRunInput } from './create.ts';

const { intent, context, approvalStrategy, passThrough, idempotencyKey, prefer } = CreateRunInput.shape;

export const RerunInput = z
  .strictObject({
    runId: RunId,
    mode: oneOf(
      ['same_plan', 'new_plan'],
      'same_plan: the plan of the run is executed again, step by step, and no planner is asked; it must call the same tools as before. new_plan: the run is planned again.',
      'same_plan',
    ),
    intent: intent.optional().meta({
      description: 'Another goal, only with new_plan. Default: that of the run.',
      examples: ['Create a summary of the latest sales data'],
    }),
    context: context
      .unwrap()
      .optional()
      .meta({
        description:
          'Another context. With same_plan it may differ only in values that the plan binds (`account=Northwind`, then `account=Contoso`), as in a repeat. Default: that of the run.',
        examples: ['account=Contoso'],
      }),
    approvalStrategy: approvalStrategy.unwrap().optional().meta(described('Default: that of the run.', 'ON_WRITE')),
    passThrough: passThrough.meta({
      description:
        'As in a new run. When the run passed something through, it must be sent again; an empty list means that nothing is.',
    }),
    idempotencyKey,
    prefer,
  })
  .meta({ id: 'Rerun', description: 'What differs in a run that is run again.' });
export type RerunInput = z.output<typeof RerunInput>;
