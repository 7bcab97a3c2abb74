// The events of a run.
import { z } from 'zod';
import { doc, oneOf, optionalOneOf, optionalText, text } from '../base/fields.ts';
import { Json } from '../base/json.ts';
import { RunStatus } from '../base/run-status.ts';
import { ApprovalId, CustomerIntegrationId, EffectId, QuestionId, RunId, StepId, Timestamp } from '../base/scalars.ts';
import { ArgsEdit } from '../decisions/approval.ts';
import { EffectDecision } from '../decisions/effect.ts';
import { InputAction, openUrl, requestedSchema } from '../decisions/input.ts';
import { Choices, Question, QuestionView } from '../decisions/question.ts';
import { ApprovalAction, Authentication, Step } from './event-parts.ts';
import { ExecutionPlan } from './execution-plan.ts';
import { RunError, Summary } from './result.ts';

const defineEvent = <T extends string, S extends z.ZodRawShape>(type: T, id: string, description: string, shape: S) =>
  z
    .object({
      type: z.literal(type).meta({ description: 'The name of the event.' }),
      seq: z.int().min(1).meta(doc('Its number in the run: 1, 2, 3 … without gaps; the id on a stream.', 1)),
      runId: RunId,
      runStatus: RunStatus,
      timestamp: Timestamp,
      ...shape,
    })
    .meta({ id, description });

export const StartEvent = defineEvent('start', 'StartEvent', 'The run has started.', {});
export const StatusEvent = defineEvent('status', 'StatusEvent', 'The status changed, or there is a notice.', {
  reason: optionalText('Why.', 'Planned again: a tool is gone.'),
});
export const StepEvent = defineEvent('step', 'StepEvent', 'A step was taken, or waits for approval.', { step: Step });
export const AuthenticationEvent = defineEvent(
  'authentication',
  'AuthenticationEvent',
  'A credential is needed, given or refused.',
  { auth: Authentication },
);
export const RunApprovalEvent = defineEvent('run_approval', 'RunApprovalEvent', 'The plan waits for approval.', {
  approvalId: ApprovalId,
  approvalActions: z.array(ApprovalAction).optional().meta({ description: 'Links, for keys that may decide.' }),
  plan: ExecutionPlan,
  text: optionalText(
    'The plan in words: its goal, and a numbered line for each step.',
    'Deals of Northwind\n\n1. List accounts matching "Northwind"\n2. List deals of the account found in 1',
  ),
  expiresAt: Timestamp,
});
export const RunActionEvent = defineEvent('run_action', 'RunActionEvent', 'A decision was made.', {
  approvalId: ApprovalId,
  stepId: StepId.optional().meta({ description: 'The step of the call; absent for a plan.' }),
  action: oneOf(['approve', 'deny'], 'The decision.', 'approve'),
  decidedBy: optionalText('Who decided. Absent if the request expired.', 'er_live_…k3Zq'),
  reason: optionalText('Why.', 'Too expensive'),
  edits: z.array(ArgsEdit).optional().meta({ description: 'Changes of the arguments.' }),
});
export const EffectEvent = defineEvent(
  'effect',
  'EffectEvent',
  'A decision was made about a call that may have taken effect. A status event with the same decision as text comes before it.',
  {
    effectId: EffectId,
    stepId: StepId,
    decision: EffectDecision,
    decidedBy: optionalText('Who decided. Absent if the request expired.', 'er_live_…k3Zq'),
    reason: optionalText('Why. `expired`: nobody decided in time.', 'The activity is in the CRM.'),
  },
);
export const QuestionEvent = defineEvent('question', 'QuestionEvent', 'A person is asked a question.', {
  requestId: QuestionId,
  stepId: StepId.optional().meta({ description: 'The step that asks; absent when the planner asks.' }),
  question: Question.shape.question,
  choices: Choices.optional(),
  requestedSchema: requestedSchema.optional(),
  url: optionalText(
    'The page on which to answer, for keys that may decide.',
    'https://errand.example/v1/runs/question?token=…',
  ),
  expiresAt: Timestamp,
});
export const InputEvent = defineEvent(
  'input',
  'InputEvent',
  'A service asks the user something in the middle of a call.',
  {
    requestId: QuestionId,
    stepId: StepId,
    customerIntegrationId: CustomerIntegrationId,
    integrationName: text('The name of the integration.', 'Notes'),
    text: text('The question of the service.', 'How many seats?'),
    requestedSchema: requestedSchema.optional(),
    openUrl: openUrl.optional(),
    url: optionalText(
      'The page on which to answer, for keys that may decide.',
      'https://errand.example/v1/runs/input?token=…',
    ),
    expiresAt: Timestamp,
  },
);
export const AnswerEvent = defineEvent('answer', 'AnswerEvent', 'A person answered, or the question expired.', {
  requestId: QuestionId,
  answer: QuestionView.shape.answer,
  action: InputAction.optional().meta({
    description: 'The action of an input request. The events do not contain the entered values.',
  }),
  answeredBy: QuestionView.shape.answeredBy,
  reason: optionalOneOf(['expired'], 'expired: there was no answer in time.', 'expired'),
});
export const EndEvent = defineEvent('end', 'EndEvent', 'The run has ended. Nothing follows.', {
  result: Json.optional().meta({ description: 'The result, in the shape of outputSchema when there is one.' }),
  error: RunError.optional(),
  summary: Summary.optional(),
});

export const RunEvent = z
  .discriminatedUnion('type', [
    StartEvent,
    StatusEvent,
    StepEvent,
    AuthenticationEvent,
    RunApprovalEvent,
    RunActionEvent,
    EffectEvent,
    QuestionEvent,
    InputEvent,
    AnswerEvent,
    EndEvent,
  ])
  .meta({
    id: 'RunEvent',
    description:
      'One event of a run. The state of a run follows from its events. An event that asks a person has the runStatus AUTH_REQUIRED (for a consent or credential) or PAUSED, even while other steps continue: the run stays RUNNING until no step continues, and events of those steps have RUNNING.',
  });
export type RunEvent = z.infer<typeof RunEvent>;

type EnvelopeField = 'seq' | 'runId' | 'runStatus' | 'timestamp';
type DistributiveOmit<E, K extends PropertyKey> = E extends unknown ? Omit<E, K> : never;
/** An event as it is appended: the log adds seq, run, status and time. */
export type NewRunEvent = DistributiveOmit<RunEvent, EnvelopeField>;
