import { useOffReason } from '../../manage/rights.ts';
import { useAct } from '../../manage/use-act.ts';
import { useClient } from '../../session/workspace.tsx';
import { Fact } from './fact.tsx';
import { TraceSwitch } from './trace-switch.tsx';
import { AFTER_CHANGE, type Integration } from './use-integration.ts';

/** Whether calls carry the trace id of their errand. */
export function TraceFact({ integration: { customerIntegrationId, kind, rules } }: { integration: Integration }) {
  const client = useClient();
  const isOn = rules?.traceparent === true;
  const { run, isBusy } = useAct({
    act: async () => {
      // A change replaces all rules.
      const { rules: now } = await client.integrations.get.query({ customerIntegrationId });
      return client.integrations.patch.mutate({ customerIntegrationId, rules: withTrace(now, !isOn) });
    },
    done: isOn ? 'Calls carry no trace id any more.' : 'Calls carry the trace id of their errand.',
    refresh: AFTER_CHANGE,
  });
  return (
    <Fact name="Trace">
      <TraceSwitch
        kind={kind}
        isOn={isOn}
        isBusy={isBusy}
        offBecause={useOffReason('connections:write')}
        onToggle={run}
      />
    </Fact>
  );
}

function withTrace({ traceparent: _, ...rules }: Integration['rules'] = {}, isOn: boolean) {
  if (isOn) return { ...rules, traceparent: true };
  return Object.keys(rules).length > 0 ? rules : null;
}
