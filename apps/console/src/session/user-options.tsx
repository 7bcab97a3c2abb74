import { useQuery } from '@tanstack/react-query';
import { useClient, useWorkspaceId } from './workspace.tsx';

const SUGGESTED = 20;

/** Suggests users whose ids begin with a text, for an input with `list={id}`. */
export function UserOptions({ id, text }: { id: string; text: string }) {
  const client = useClient();
  const { data } = useQuery({
    queryKey: ['users', useWorkspaceId(), text],
    queryFn: ({ signal }) =>
      client.users.list.query({ ...(text !== '' && { q: text }), pageSize: SUGGESTED }, { signal }),
    placeholderData: (before) => before,
  });
  return (
    <datalist id={id}>
      {data?.users.map(({ userId }) => (
        <option key={userId} value={userId} />
      ))}
    </datalist>
  );
}
