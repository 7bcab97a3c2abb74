import { Link } from '@tanstack/react-router';
import { Text } from '../../display/text.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import type { AuditEntry } from './entry.ts';
import { type ActorType, searchOf } from './search.ts';

export const actorTypeLabels: Readonly<Record<ActorType, string>> = {
  api_key: 'API key',
  subject: 'user of another issuer',
  person: 'person',
  claimed: 'person of a product',
  platform: 'platform key',
  link: 'holder of a link',
  system: 'Errand itself',
};

/** Who acted; leads to all entries of the same actor. */
export function ActorText({ actor: { type, id, label } }: { actor: AuditEntry['actor'] }) {
  const workspaceId = useWorkspaceId();
  const name = <Text>{label}</Text>;
  return (
    <>
      {id === undefined ? (
        name
      ) : (
        <Link
          to="/w/$workspaceId/audit"
          params={{ workspaceId }}
          search={searchOf({ actorType: type, actorId: id })}
          title="Show all entries of this actor"
          className="text-ink underline decoration-dotted"
        >
          {name}
        </Link>
      )}{' '}
      <span className="text-sm text-dim">{actorTypeLabels[type]}</span>
    </>
  );
}
