import { useState } from 'react';
import { Folded, JsonText } from '../../decide/panel-parts.tsx';
import { Text } from '../../display/text.tsx';
import { Section } from '../../manage/page.tsx';
import { PlanFlow } from '../../plan/plan-flow.tsx';
import { useIntegrationNames } from '../../session/integrations.ts';
import { stepsOf } from './plan-steps.ts';
import { type Action, useSavedPlan } from './use-action.ts';

export function PlanSection({ action }: { action: Action }) {
  const saved = useSavedPlan(action.runId);
  const names = useIntegrationNames();
  const [selected, select] = useState<string>();
  return (
    <Section title="Plan">
      <PlanFlow steps={stepsOf(action, saved, names)} selected={selected} onSelect={select} />
      <p className="break-words whitespace-pre-wrap">
        <Text>{action.words}</Text>
      </p>
      <Folded title="The plan as JSON">
        <JsonText value={action.plan} />
      </Folded>
    </Section>
  );
}
