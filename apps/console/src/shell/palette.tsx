import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { Dialog } from '../controls/dialog.tsx';
import { INPUT_CLASS } from '../controls/field.tsx';
import { StatusMark } from '../display/status.tsx';
import { useClient, useWorkspaceId } from '../session/workspace.tsx';
import { usePageGroups } from './navigation.tsx';
import type { PageLink } from './page-links.ts';

const FOUND = 8;

/** Pages and errands by words. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const words = useDeferredValue(text.trim());
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  const runs = useFoundRuns(words);
  const links = usePageGroups().flatMap((group) => group.links);
  const go = (to: PageLink['to']) => () => {
    onClose();
    void navigate({ to, params: { workspaceId } });
  };
  const open = (runId: string) => {
    onClose();
    void navigate({ to: '/w/$workspaceId/runs/$runId', params: { workspaceId, runId } });
  };
  return (
    <Dialog title="Search and commands" onClose={onClose}>
      <Command label="Search and commands" loop>
        <Command.Input
          data-first-focus
          value={text}
          onValueChange={setText}
          placeholder="A page, or words of an errand"
          className={INPUT_CLASS}
        />
        <Command.List className="mt-2 max-h-80 overflow-auto">
          <Command.Empty className="p-2 text-dim">Nothing found.</Command.Empty>
          {links.map(({ to, name, icon: Icon, words: others }) => (
            <Item key={name} value={`${name} ${others}`} onSelect={go(to)}>
              <Icon size={14} aria-hidden="true" className="text-dim" />
              {name}
            </Item>
          ))}
          {runs.map(({ runId, intent, status }) => (
            <Item key={runId} value={`${runId} ${words} ${intent}`} onSelect={() => open(runId)}>
              <StatusMark status={status} />
              <span className="truncate">{intent}</span>
            </Item>
          ))}
        </Command.List>
      </Command>
    </Dialog>
  );
}

const Item = ({ children, ...rest }: { value: string; onSelect: () => void; children: ReactNode }) => (
  <Command.Item {...rest} className="flex items-center gap-3 rounded-lg px-2 py-1.5 data-[selected=true]:bg-soft">
    {children}
  </Command.Item>
);

function useFoundRuns(words: string) {
  const client = useClient();
  const { data } = useQuery({
    queryKey: ['found runs', useWorkspaceId(), words],
    queryFn: ({ signal }) => client.runs.list.query({ q: words, pageSize: FOUND }, { signal }),
    enabled: /[\p{L}\p{N}]/u.test(words),
    placeholderData: (before) => before,
  });
  return data?.runs ?? [];
}
