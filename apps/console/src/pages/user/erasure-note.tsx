// The progress of an erasure, and the writes and actions that a person must look after.
import type { Outputs } from '@errand/client/console';
import { Link } from '@tanstack/react-router';
import { Text } from '../../display/text.tsx';
import { At } from '../../display/time.tsx';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';

export type Erased = Outputs['users']['erase'];

type ErasureNoteProps = {
  /** The answer to the erasure that this page requested. */
  erased: Erased | undefined;
  /** Since when everything is being erased. */
  erasingAt: string | undefined;
  isGone: boolean;
};

export function ErasureNote({ erased, erasingAt, isGone }: ErasureNoteProps) {
  return (
    <section
      aria-label="Erasure"
      role="status"
      className="flex flex-col gap-2 rounded-xl border border-wait bg-wait-soft p-4"
    >
      <Progress erased={erased} erasingAt={erasingAt} isGone={isGone} />
      {erased && <Numbers erased={erased} />}
      {erased && <UncertainWrites erased={erased} />}
      {erased && <KeptActions keys={erased.actions ?? []} />}
    </section>
  );
}

function Progress({ erased, erasingAt, isGone }: ErasureNoteProps) {
  if (erasingAt !== undefined)
    return (
      <p>
        <strong>Everything of this user is being erased</strong>, since <At at={erasingAt} />. It continues in the
        background, also when you leave this page, and takes at least a minute.
      </p>
    );
  if (!erased?.erasing) return <p className="font-semibold">The credentials of this user are erased.</p>;
  return <p className="font-semibold">{isGone ? 'Everything of this user is erased.' : 'The erasure has begun.'}</p>;
}

function Numbers({ erased: { erased, cancelled = 0 } }: { erased: Erased }) {
  const names = useIntegrationNames();
  return (
    <p>
      {erased.length === 0 ? (
        'The user had no connection.'
      ) : (
        <>
          Removed from <Text>{erased.map((id) => names.get(id) ?? id).join(', ')}</Text>.
        </>
      )}
      {cancelled > 0 && ` Cancelled errands: ${cancelled}.`}
    </p>
  );
}

function UncertainWrites({ erased: { uncertain = [], uncertainCount = 0 } }: { erased: Erased }) {
  if (uncertainCount === 0) return null;
  return (
    <div>
      <p className="font-semibold">
        Errand cannot tell whether {uncertainCount === 1 ? 'one write' : `${uncertainCount} writes`} took effect. Check
        at the service now: Errand forgets them.
      </p>
      <ul className="max-h-60 list-disc overflow-auto pl-5">
        {uncertain.map(({ runId, toolCallId, tool, since }) => (
          <li key={`${runId} ${toolCallId}`}>
            <code className="font-mono text-sm break-all">{tool}</code>, sent <At at={since} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function KeptActions({ keys }: { keys: readonly string[] }) {
  const workspaceId = useWorkspaceId();
  if (keys.length === 0) return null;
  return (
    <div>
      <p>These actions contain the intent and the plan of an errand of the user. They stay until you delete them:</p>
      <ul className="max-h-60 list-disc overflow-auto pl-5">
        {keys.map((key) => (
          <li key={key}>
            <Link
              to="/w/$workspaceId/actions/$key"
              params={{ workspaceId, key }}
              className="break-all text-accent underline"
            >
              {key}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
