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
      'same_plan: execute the plan of the run again, without planning; its tools must be unchanged. new_plan: plan again.',
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
      description: 'As in a new run. Required if the earlier run had it; an empty list passes nothing through.',
    }),
    idempotencyKey,
    prefer,
  })
  .meta({ id: 'Rerun', description: 'The differences from the earlier run.' });
export type RerunInput = z.output<typeof RerunInput>;
