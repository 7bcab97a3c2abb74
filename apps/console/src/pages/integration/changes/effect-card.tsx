import { Button } from '../../../controls/button.tsx';
import { Text } from '../../../display/text.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { type Tool, useSetEffect } from '../tools/use-tools.ts';

/** A tool that counts as a read, but has the words of a write. */
export function EffectCard(props: { customerIntegrationId: string; tool: Tool }) {
  const { name, title } = props.tool;
  const write = useSetEffect(props, 'write');
  const read = useSetEffect(props, 'read');
  const offBecause = useOffReason('connections:write');
  return (
    <article className="flex flex-wrap items-center gap-2 rounded-xl border border-line bg-pane p-3">
      <div className="mr-auto min-w-0">
        <h2 className="font-semibold break-words">
          <Text>{title ?? name}</Text>
        </h2>
        <p className="text-dim">It counts as a read, but its words are those of a write. Does it change something?</p>
      </div>
      <Button offBecause={offBecause} isBusy={read.isBusy} onClick={read.run}>
        It only reads
      </Button>
      <Button look="accent" offBecause={offBecause} isBusy={write.isBusy} onClick={write.run}>
        It writes
      </Button>
    </article>
  );
}
