// The preview of an errand: its plan, its writes, and the consents that are missing.
import type { Outputs } from '@errand/client/console';
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { CopyButton } from '../../display/copy-button.tsx';
import { type FlowStep, PlanFlow } from '../../plan/plan-flow.tsx';

export type Preflight = Outputs['runs']['preflight'];

type PreviewProps = { preflight: Preflight; isStarting: boolean; onStart: () => void };

export function Preview({ preflight, isStarting, onStart }: PreviewProps) {
  const { steps, words, plan, problems } = preflight;
  const [selected, select] = useState<string>();
  return (
    <div className="flex flex-col gap-4">
      <h2 className="text-lg font-semibold">{headline(preflight)}</h2>
      {problems.map(({ code, message }) => (
        <p key={`${code} ${message}`} role="alert" className="rounded-lg bg-wait-soft p-3 break-words">
          {message} <code className="font-mono text-sm text-dim">{code}</code>
        </p>
      ))}
      <Consents consents={preflight.missingConsents} />
      {steps.length > 0 && <PlanFlow steps={steps.map(flowStepOf)} selected={selected} onSelect={select} />}
      {words.length > 0 && (
        <ol className="flex flex-col gap-1">
          {words.map((line) => (
            <li key={line} className="break-words whitespace-pre-wrap">
              {line}
            </li>
          ))}
        </ol>
      )}
      <Facts preflight={preflight} />
      <div className="flex flex-wrap gap-2">
        <Button
          look="accent"
          isBusy={isStarting}
          offBecause={plan ? undefined : 'There is no plan to run. See the problems above.'}
          onClick={onStart}
        >
          Run this plan
        </Button>
      </div>
    </div>
  );
}

/** "3 calls, 1 of them writes; 2 requests to a person" */
function headline({ estimate: { calls, writes, atLeast }, steps, plan }: Preflight): string {
  if (!plan && steps.length === 0) return 'No plan';
  const count = `${atLeast ? 'At least ' : ''}${calls} ${calls === 1 ? 'call' : 'calls'}`;
  return writes === 0
    ? `${count}, none of which changes anything`
    : `${count}, of which ${writes} may change something`;
}

const Consents = ({ consents }: { consents: Preflight['missingConsents'] }) =>
  consents.length > 0 && (
    <div className="rounded-lg bg-wait-soft p-3">
      <p className="font-semibold">The errand would wait for a consent:</p>
      <ul>
        {consents.map(({ customerIntegrationId, integrationName, userId, url }) => (
          <li key={customerIntegrationId} className="flex flex-wrap items-center gap-2">
            {integrationName}, of {userId}
            {url !== undefined && (
              <>
                <a href={url} target="_blank" rel="noopener noreferrer" className="text-accent underline">
                  Open the page of the consent
                </a>
                <CopyButton text={url} name="the link for the user" />
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );

function Facts({ preflight: { steps, planNeedsApproval, estimate, usage, repeatRunId } }: { preflight: Preflight }) {
  const asked = steps.filter(({ needsApproval }) => needsApproval);
  const facts = [
    planNeedsApproval && 'A person approves the plan first.',
    asked.length > 0 && `A person approves: ${asked.map(({ title }) => title).join(', ')}.`,
    !planNeedsApproval && asked.length === 0 && steps.length > 0 && 'Nobody is asked.',
    repeatRunId !== undefined && 'The plan is that of an earlier errand with the same key.',
    usage.inputTokens + usage.outputTokens > 0 &&
      `This preview used ${(usage.inputTokens + usage.outputTokens).toLocaleString()} tokens.`,
    estimate.tokens !== undefined && 'Running this plan spends no tokens for planning.',
  ].filter((fact) => fact !== false);
  return (
    <ul className="text-dim">
      {facts.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
    </ul>
  );
}

function flowStepOf({ stepId, title, effect, needs, argOrigins }: Preflight['steps'][number]): FlowStep {
  const labelOf = (needed: string) =>
    Object.entries(argOrigins ?? {})
      .find(([, origin]) => origin.stepId === needed)?.[0]
      .split('/')
      .at(-1);
  return {
    stepId,
    title,
    effect,
    needs: (needs ?? []).map((needed) => ({ stepId: needed, label: labelOf(needed) })),
    state: 'planned',
  };
}
