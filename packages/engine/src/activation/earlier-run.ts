// A run that continues from the steps of an earlier run.
import type { ToolSpec } from '@errand/contracts';
import type { LedgerRow } from '@errand/db';
import { type CallOutcome, type EarlierSteps, type Invocation, operationLabel, toolLabel } from '@errand/plan';
import { doneBefore, type Envelope } from '../model/envelope.ts';
import type { PreviousCalls } from './calls/previous-calls.ts';

type PlanOfRun = Pick<Envelope, 'plan' | 'takenOver'>;

/** The steps from which a plan continues; undefined for a run that takes over none. */
export function earlierSteps({ takenOver }: PlanOfRun, previousCalls: PreviousCalls): EarlierSteps | undefined {
  if (!takenOver) return undefined;
  const { steps } = takenOver;
  return {
    nowOf: (stepId) => steps[stepId]?.now,
    isDone: (stepId) => steps[stepId]?.doneBy !== undefined,
    outcomeOf: (toolCallId) => previousCalls.outcomeOfEarlierRun(toolCallId),
  };
}

/** Refuses a call of a step that had ended in the earlier run: it has made all calls of the step, so this one must not be sent. */
export function refuseMissingCall(planned: PlanOfRun, { step, tool }: Invocation): CallOutcome | undefined {
  if (doneBefore(planned, step.id) === undefined) return undefined;
  const message = `${toolLabel(tool)} was not called: an earlier run has run this step, and has no such call.`;
  return { kind: 'failed', code: 'output_unknown', message };
}

/** Adds the tools of steps that had ended in the earlier run and do not exist any more. They are shown, and never called. */
export function withToolsTakenOver(
  planned: PlanOfRun,
  tools: readonly ToolSpec[],
  ledger: readonly LedgerRow[],
): readonly ToolSpec[] {
  const names = new Set(tools.map(({ name }) => name));
  const gone = planned.plan.steps.filter(({ id, tool }) => !names.has(tool) && doneBefore(planned, id) !== undefined);
  const effects = new Map(ledger.map(({ tool, effect }) => [tool, effect]));
  return [...tools, ...gone.map(({ tool }) => goneTool(tool, effects.get(tool) ?? 'read'))];
}

function goneTool(name: string, effect: ToolSpec['effect']): ToolSpec {
  const at = name.indexOf('.');
  const customerIntegrationId = name.slice(0, at);
  return {
    name,
    customerIntegrationId,
    integrationName: customerIntegrationId,
    operation: name.slice(at + 1),
    description: operationLabel(name),
    inputSchema: {},
    enabled: false,
    effect,
    idempotent: false,
    // No tool has this fingerprint, so a call would fail as `tool_changed`.
    fingerprint: '',
    call: null,
  };
}
