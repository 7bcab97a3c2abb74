import type { ErrorValues } from '@errand/contracts';
import type { Claim } from '@errand/db';
import { checkPlan, integrationLabel, operationLabel, toolLabel } from '@errand/plan';
import type { Catalog } from '@errand/ports/toolbox';
import { toDraft } from '../../events/event-json.ts';
import { changedTools, type Envelope, isEnvelope, toStored } from '../../model/envelope.ts';
import { draftPlan, type PlanDeps, toStoredEnvelope, type Unanswered } from './draft-plan.ts';
import { hasAsked } from './planner-questions.ts';

/** How often a run with a failed plan gets another one, and the default time zone of users (UTC if unset). */
export type PlanningPolicy = { maxReplans: number; timeZone?: string };
export const defaultPlanningPolicy: PlanningPolicy = { maxReplans: 2 };

export type Planned =
  | ({ ok: true } & Readonly<Envelope>)
  | {
      ok: false;
      code: string;
      message: string;
      errors?: readonly { pointer: string; message: string }[];
      values?: ErrorValues;
    };

const MAX_ERRORS = 20;

type ChangedTool = ReturnType<typeof changedTools>[number];

/**
 * The plan of a run: the stored one while it is valid, otherwise a new one, stored before any call.
 * A repeat gets a new plan when its tools have changed, and stops being a repeat.
 */
export async function obtainPlan(claim: Claim, catalog: Catalog, deps: PlanDeps): Promise<Planned | Unanswered> {
  if (claim.planType !== 'json' || !isEnvelope(claim.plan)) return newPlan(claim, catalog, deps);
  const stored: Envelope = claim.plan;
  const [changed] = changedTools(stored, await catalog.named(Object.keys(stored.fingerprints)));
  if (!changed) return { ok: true, ...stored };
  const isBegun = stored.takenOver !== undefined || hasBegun(claim);
  if (claim.madeBy === 'repeat' && !isBegun) return replaceRepeat(claim, catalog, changed, deps);
  // The plan is executed, and the call of the changed tool fails.
  if (changed.gone || isBegun) return { ok: true, ...stored };
  return recheck(stored, catalog, deps);
}

/** Whether a plan has calls or approvals: these belong to the earlier tools. */
const hasBegun = ({ decisionRequests, ledger }: Claim): boolean =>
  decisionRequests.some(({ kind }) => kind === 'tool_approval' || kind === 'plan_approval') ||
  ledger.some(({ kind }) => kind === 'tool');

async function replaceRepeat(
  claim: Claim,
  catalog: Catalog,
  changed: ChangedTool,
  deps: PlanDeps,
): Promise<Planned | Unanswered> {
  const [tool] = await catalog.named([changed.name]);
  const label = tool ? toolLabel(tool) : operationLabel(changed.name);
  const isOff = (await catalog.unusable([changed.name])).get(changed.name) === 'off';
  const reason = `New plan, because ${label} is ${isOff ? 'switched off' : toolChangeText(changed, claim.run.selected)}.`;
  // If the planner has asked people, the event was written before.
  if (!hasAsked(deps.requests)) {
    await deps.writer.apply({
      to: 'RUNNING',
      events: [toDraft('RUNNING', { type: 'status', reason })],
      forgetRepeat: true,
    });
  }
  return newPlan(claim, catalog, deps, reason);
}

function toolChangeText({ name, gone }: ChangedTool, selected: readonly string[]): string {
  if (!gone) return 'changed';
  return selected[0] === '*' || selected.includes(name.slice(0, name.indexOf('.'))) ? 'gone' : 'not selected';
}

async function newPlan(claim: Claim, catalog: Catalog, deps: PlanDeps, reason?: string): Promise<Planned | Unanswered> {
  const draft = await draftPlan(claim, catalog, deps);
  if (draft === 'unanswered') return draft;
  if (draft.kind === 'none') {
    const { code, reason, errors = [], values } = draft;
    const message = code === 'no_plan' ? `${reason}${disabledToolsText(await catalog.disabledTools())}` : reason;
    return { ok: false, code, message, errors: errors.slice(0, MAX_ERRORS), ...(values && { values }) };
  }
  const envelope = await toStoredEnvelope(draft, catalog, deps);
  await deps.writer.apply({ to: 'RUNNING', events: [], plan: toStored(envelope, draft.madeBy, reason) });
  return { ok: true, ...envelope };
}

// A tool changed before the plan was begun: the plan stays valid if the checker still accepts it.
async function recheck({ plan, earlier, input, doubts }: Envelope, catalog: Catalog, deps: PlanDeps): Promise<Planned> {
  const { sandbox, planner } = deps;
  const checked = await checkPlan(plan, { tools: catalog, sandbox, mayFill: planner.fill !== undefined });
  if (!checked.ok) {
    const message = 'An operation has changed since the plan was made, and the plan no longer fits it.';
    return { ok: false, code: 'plan_invalid', message, errors: checked.complaints.slice(0, MAX_ERRORS) };
  }
  const envelope = await toStoredEnvelope({ plan, doubts }, catalog, deps);
  return { ok: true, ...envelope, ...(earlier && { earlier }), ...(input && { input }) };
}

const MAX_OFF = 3;

/** Names integrations with disabled tools that the goal may need; empty if there are none. */
function disabledToolsText(integrations: Awaited<ReturnType<Catalog['disabledTools']>>): string {
  const named = integrations
    .slice(0, MAX_OFF)
    .map(({ customerIntegrationId, disabledCount, toolCount, ...integration }) => {
      const at = `PUT /v1/integrations/${customerIntegrationId}/tools`;
      return `${disabledCount} of ${toolCount} tools at ${integrationLabel(integration)} (${at} switches them on)`;
    });
  const more = integrations.length - named.length;
  return named.length === 0
    ? ''
    : ` Switched off: ${named.join(', ')}${more > 0 ? `, and some of ${more} others` : ''}.`;
}
