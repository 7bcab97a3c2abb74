import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../controls/button.tsx';
import { Text } from '../display/text.tsx';
import { useLive } from '../live/use-live.ts';
import { useClient, useWorkspaceId } from '../session/workspace.tsx';
import { DecisionPanel } from './decision-panel.tsx';
import { type Entry, entryIdOf, firstLine } from './entry.ts';

/** The most open requests of a run that are listed. */
const MAX_ENTRIES = 50;

/** The open decision requests of a run, to decide on its page; nothing without one. */
export function WaitingBanner({ runId }: { runId: string }) {
  const entries = useEntriesOf(runId);
  const [pinned, pin] = useState<string>();
  const [done, setDone] = useState<readonly string[]>([]);
  const ids = entries.map(entryIdOf).filter((id) => !done.includes(id));
  // The shown request stays, also when another person decides it, until this person moves on.
  const opened = pinned ?? ids[0];
  if (opened === undefined) return null;
  if (pinned === undefined) pin(opened);
  const others = entries.filter((entry) => entryIdOf(entry) !== opened && ids.includes(entryIdOf(entry)));
  const moveOn = () => {
    setDone([...done, opened]);
    pin(undefined);
  };
  return (
    <section
      aria-label="Waiting for you"
      className="flex flex-col gap-2 rounded-xl border border-wait bg-wait-soft p-2"
    >
      <DecisionPanel
        key={opened}
        entryId={opened}
        known={entries.find((entry) => entryIdOf(entry) === opened)}
        onDone={moveOn}
        isCompact
      />
      {!ids.includes(opened) && (
        <Button className="self-start" onClick={moveOn}>
          {others.length > 0 ? 'Next request' : 'Close'}
        </Button>
      )}
      {others.length > 0 && (
        <details>
          <summary className="px-2 text-dim">
            {others.length === 1 ? 'One more request' : `${others.length} more requests`}
          </summary>
          <ul className="flex flex-col">
            {others.map((entry) => (
              <li key={entryIdOf(entry)}>
                <button
                  type="button"
                  className="w-full truncate rounded-lg px-2 py-1 text-left hover:bg-soft"
                  onClick={() => pin(entryIdOf(entry))}
                >
                  <Text>{entry.kind === 'plan' ? entry.title : firstLine(entry.text)}</Text>
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function useEntriesOf(runId: string): readonly Entry[] {
  const workspaceId = useWorkspaceId();
  const client = useClient();
  const queries = useQueryClient();
  const queryKey = ['pending of run', workspaceId, runId];
  const { data = [] } = useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      (await client.pending.list.query({ runId, pageSize: MAX_ENTRIES }, { signal })).pending.toReversed(),
  });
  const readAgain = () => void queries.invalidateQueries({ queryKey });
  useLive(
    { kind: 'pending', workspaceId },
    {
      onFrame: (frame) => {
        if (frame.type === 'snapshot') return;
        const isKnown = frame.type === 'added' && data.some((entry) => entryIdOf(entry) === entryIdOf(frame.entry));
        if ((frame.type === 'added' ? frame.entry.runId : frame.runId) === runId && !isKnown) readAgain();
      },
      onCatchUp: readAgain,
    },
  );
  return data;
}
