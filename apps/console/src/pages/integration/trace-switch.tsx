import type { ComponentProps } from 'react';
import { Switch } from '../../controls/switch.tsx';
import type { Integration } from './use-integration.ts';

type TraceSwitchProps = Omit<ComponentProps<typeof Switch>, 'label'> & Pick<Integration, 'kind'>;

/** Whether calls of an integration carry the trace id of their errand. */
export function TraceSwitch({ kind, isOn, ...rest }: TraceSwitchProps) {
  return (
    <span className="flex items-start justify-between gap-2">
      <span className="min-w-0">
        {isOn ? 'Sends' : 'If on, sends'} the id of the errand to the service with every call, in{' '}
        {kind === 'mcp' ? 'the metadata' : 'the header'} <code className="font-mono text-sm">traceparent</code>.
      </span>
      <Switch {...rest} label="Send the trace id of the errand" isOn={isOn} />
    </span>
  );
}
