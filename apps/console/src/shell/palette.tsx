import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { ArrowLeftRight, ListFilter } from 'lucide-react';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { Dialog } from '../controls/dialog.tsx';
import { INPUT_CLASS } from '../controls/field.tsx';
import { StatusMark } from '../display/status.tsx';
import { Text } from '../display/text.tsx';
import { useListSettings } from '../pages/runs/views/use-list-settings.ts';
import { useClient, useSession, useWorkspaceId } from '../session/workspace.tsx';
import { usePageGroups } from './navigation.tsx';
import { outerLinks } from './page-links.ts';

const FOUND = 8;
const LAST = 5;
const RUN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Pages and errands by words: the last errands before any are written. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  return (
    <Dialog title="Search and commands" onClose={onClose}>
      <Command label="Search and commands" loop>
        <Command.Input
          data-first-focus
          value={text}
          onValueChange={setText}
          placeholder="A page, or words or the id of an errand"
          className={INPUT_CLASS}
        />
        <Command.List className="mt-2 max-h-[60dvh] overflow-auto">
          <Command.Empty className="p-2 text-dim">Nothing found.</Command.Empty>
          <Group heading="Pages">
            <Pages onClose={onClose} />
          </Group>
          <Group heading={text.trim() === '' ? 'Last errands' : 'Errands'}>
            <Runs text={text.trim()} onClose={onClose} />
          </Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}

/** The pages that the person may see, the saved views, and the other workspaces. */
function Pages({ onClose }: { onClose: () => void }) {
  const workspaceId = useWorkspaceId();
  const { person, workspaces } = useSession();
  const { views } = useListSettings().settings;
  const go = useGo(onClose);
  const outer = outerLinks.filter(({ isForOperators }) => !isForOperators || person?.isOperator === true);
  return (
    <>
      {[...usePageGroups().flatMap((group) => group.links), ...outer].map(({ to, name, icon: Icon, words }) => (
        <Item key={to} value={`${name} ${words}`} onSelect={() => go({ to, params: { workspaceId } })}>
          <Icon size={14} aria-hidden="true" className="text-dim" />
          {name}
        </Item>
      ))}
      {views.map(({ name, search }) => (
        <Item
          key={name}
          value={`View ${name}`}
          onSelect={() => go({ to: '/w/$workspaceId/runs', params: { workspaceId }, search })}
        >
          <ListFilter size={14} aria-hidden="true" className="text-dim" />
          View: {name}
        </Item>
      ))}
      {workspaces
        .filter((each) => each.workspaceId !== workspaceId)
        .map(({ workspaceId: id, name }) => (
          <Item
            key={id}
            value={`Workspace ${name} ${id}`}
            onSelect={() => go({ to: '/w/$workspaceId/runs', params: { workspaceId: id } })}
          >
            <ArrowLeftRight size={14} aria-hidden="true" className="text-dim" />
            Workspace: <Text>{name}</Text>
          </Item>
        ))}
    </>
  );
}

function Runs({ text, onClose }: { text: string; onClose: () => void }) {
  const words = useDeferredValue(text);
  const workspaceId = useWorkspaceId();
  const go = useGo(onClose);
  return useFoundRuns(words).map(({ runId, intent, status }) => (
    <Item
      key={runId}
      // The service has found it by these words; the palette itself compares only what it shows.
      value={`${runId} ${words} ${intent}`}
      onSelect={() => go({ to: '/w/$workspaceId/runs/$runId', params: { workspaceId, runId } })}
    >
      <StatusMark status={status} />
      <span className="truncate">
        <Text>{intent}</Text>
      </span>
    </Item>
  ));
}

function useGo(onClose: () => void): ReturnType<typeof useNavigate> {
  const navigate = useNavigate();
  return (options) => {
    onClose();
    return navigate(options);
  };
}

const Group = (props: { heading: string; children: ReactNode }) => (
  <Command.Group
    {...props}
    className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-semibold [&_[cmdk-group-heading]]:text-dim"
  />
);

const Item = ({ children, ...rest }: { value: string; onSelect: () => void; children: ReactNode }) => (
  <Command.Item {...rest} className="flex items-center gap-3 rounded-lg px-2 py-1.5 data-[selected=true]:bg-soft">
    {children}
  </Command.Item>
);

function useFoundRuns(words: string) {
  const client = useClient();
  const { data } = useQuery({
    queryKey: ['found runs', useWorkspaceId(), words],
    queryFn: ({ signal }) => client.runs.list.query(inputOf(words), { signal }),
    // Lists tell of new errands at once, and so does the palette.
    staleTime: 0,
    enabled: words === '' || /[\p{L}\p{N}]/u.test(words),
    placeholderData: (before) => before,
  });
  return data?.runs ?? [];
}

function inputOf(words: string) {
  if (words === '') return { pageSize: LAST };
  return RUN_ID.test(words) ? { runIds: [words], pageSize: 1 } : { q: words.slice(0, 200), pageSize: FOUND };
}
