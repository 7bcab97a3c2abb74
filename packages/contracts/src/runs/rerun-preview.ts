// The preview of a rerun from a step: the steps that it takes over, and those that run again.
import { z } from 'zod';
import { ApprovalStrategy } from '../base/approval-strategy.ts';
import { count, doc, flag, oneOf, text } from '../base/fields.ts';
import { RunId, StepId, ToolName } from '../base/scalars.ts';
import { PreflightStep } from './preflight.ts';

export const PreviewRerunInput = z
  .strictObject({
    runId: RunId,
    from: StepId.meta({ description: 'The first step that would run again.', examples: ['invoice'] }),
    approvalStrategy: ApprovalStrategy.optional().meta(doc('Default: that of the run.', 'ON_WRITE')),
  })
  .meta({ id: 'PreviewRerun', description: 'A rerun from a step.' });
export type PreviewRerunInput = z.output<typeof PreviewRerunInput>;

const TakenStep = z
  .object({
    stepId: StepId,
    title: text('The step, for people.', 'List deals at Demo CRM'),
    tool: ToolName,
    takenFrom: RunId.meta({ description: 'The run that has run the step.' }),
  })
  .meta({ id: 'TakenStep', description: 'A step that keeps its outputs: it is not called, and needs no approval.' });

const StepToRerun = PreflightStep.omit({ needs: true, argOrigins: true })
  .extend({
    reason: oneOf(
      ['from', 'needs_from', 'unfinished'],
      'from: it is the named step. needs_from: it needs the named step, directly or through others. unfinished: it did not succeed in the earlier run, or was not reached.',
      'needs_from',
    ),
    callsKept: count('Calls of an unfinished step that succeeded: they are not made again.', 0),
  })
  .meta({ id: 'StepToRerun', description: 'A step that runs again, and each of whose writes is made again.' });

export const RerunPreview = z
  .object({
    from: StepId,
    takenOver: z.array(TakenStep).meta({ description: 'The steps that keep their outputs, in the order of the plan.' }),
    runsAgain: z.array(StepToRerun).meta({ description: 'The steps that run again, in the order of the plan.' }),
    planNeedsApproval: flag('Whether the plan needs approval.', false),
  })
  .meta({ id: 'RerunPreview', description: 'The steps of a rerun from a step.' });
export type RerunPreview = z.infer<typeof RerunPreview>;
