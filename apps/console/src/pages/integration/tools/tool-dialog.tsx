import { effectLabels } from '@errand/contracts/labels';
import { CodeButton } from '../../../code/code-button.tsx';
import { Dialog } from '../../../controls/dialog.tsx';
import { CopyButton } from '../../../display/copy-button.tsx';
import { duration } from '../../../display/duration.ts';
import { JsonView } from '../../../display/json-view.tsx';
import { Text } from '../../../display/text.tsx';
import type { Tool, ToolUsage } from './use-tools.ts';

type ToolDialogProps = {
  customerIntegrationId: string;
  tool: Tool;
  usage: ToolUsage | undefined;
  onClose: () => void;
};

/** All about a tool: what its service says, its arguments and its use. */
export function ToolDialog({ customerIntegrationId, tool, usage, onClose }: ToolDialogProps) {
  const { name, title, description, method, path, effect, enabled, inputSchema, fingerprint } = tool;
  return (
    <Dialog title={title ?? name.slice(customerIntegrationId.length + 1)} onClose={onClose} isWide>
      <div className="flex flex-col gap-3">
        <p className="flex flex-wrap items-center gap-1">
          <code className="font-mono text-sm break-all">
            <Text>{name}</Text>
          </code>
          <CopyButton text={name} name="the name of the tool" />
        </p>
        {description !== undefined && (
          <p className="max-h-60 overflow-auto break-words whitespace-pre-wrap">
            <Text>{description}</Text>
          </p>
        )}
        <p className="text-dim">
          {enabled ? 'It is on' : 'It is off'} and {effectLabels[effect]}.{' '}
          {method !== undefined && (
            <code className="font-mono text-sm break-all">
              <Text>{`${method} ${path ?? ''}`}</Text>
            </code>
          )}
        </p>
        {usage && (
          <p>
            {usage.calls} calls in {usage.runs} errands, {usage.errors} errors
            {usage.p50Ms !== undefined &&
              usage.p95Ms !== undefined &&
              `; half took ${duration(usage.p50Ms)} at most, 95 % took ${duration(usage.p95Ms)}`}
          </p>
        )}
        {inputSchema !== undefined && (
          <section aria-label="Arguments">
            <h3 className="mb-1 font-semibold">Arguments</h3>
            <JsonView value={inputSchema} fileName="arguments" openDepth={3} />
          </section>
        )}
        {fingerprint !== undefined && (
          <div className="flex justify-end">
            <CodeButton
              title={enabled ? 'Turn it off from code' : 'Turn it on from code'}
              operation="integrations.acceptTool"
              input={{ customerIntegrationId, tool: name, fingerprint, enabled: !enabled }}
            />
          </div>
        )}
      </div>
    </Dialog>
  );
}
