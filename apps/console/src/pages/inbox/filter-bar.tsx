import { requestKindLabels } from '@errand/contracts/labels';
import { Link } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { Select, TextInput } from '../../controls/field.tsx';
import { useShortcuts } from '../../controls/shortcuts.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { type InboxSearch, KINDS, type Kind } from './search.ts';

type FilterBarProps = { search: InboxSearch; onChange: (search: InboxSearch) => void };

/** Open or decided, the kind, and a search. */
export function FilterBar({ search, onChange }: FilterBarProps) {
  const { state, kind } = search;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <nav aria-label="Requests" className="flex rounded-lg bg-soft p-0.5">
        <StateLink isOn={state === undefined} search={withoutState(search)} text="Open" />
        <StateLink isOn={state === 'decided'} search={{ ...withoutState(search), state: 'decided' }} text="Decided" />
      </nav>
      <Select
        aria-label="Kind"
        className="!w-auto"
        value={kind ?? ''}
        onChange={({ target }) => onChange(withKind(search, target.value as Kind | ''))}
      >
        <option value="">All kinds</option>
        {KINDS.map((each) => (
          <option key={each} value={each}>
            {requestKindLabels[each]}
          </option>
        ))}
      </Select>
      <SearchField search={search} onChange={onChange} />
    </div>
  );
}

const withoutState = ({ state: _, entry: __, ...rest }: InboxSearch): InboxSearch => rest;
const withKind = ({ kind: _, entry: __, ...rest }: InboxSearch, kind: Kind | ''): InboxSearch =>
  kind === '' ? rest : { ...rest, kind };
const withText = ({ q: _, entry: __, ...rest }: InboxSearch, q: string): InboxSearch =>
  q === '' ? rest : { ...rest, q };

function StateLink({ isOn, search, text }: { isOn: boolean; search: InboxSearch; text: string }) {
  const workspaceId = useWorkspaceId();
  return (
    <Link
      to="/w/$workspaceId/inbox"
      params={{ workspaceId }}
      search={search}
      aria-current={isOn ? 'page' : undefined}
      className={`rounded-md px-3 py-1 ${isOn ? 'bg-pane font-semibold shadow-xs' : 'text-dim'}`}
    >
      {text}
    </Link>
  );
}

const DEBOUNCE_MS = 300;

function SearchField({ search, onChange }: FilterBarProps) {
  const { q = '' } = search;
  const [text, setText] = useState(q);
  const [known, setKnown] = useState(q);
  const ref = useRef<HTMLInputElement>(null);
  // The address has changed, such as by Back.
  if (known !== q) {
    setKnown(q);
    setText(q);
  }
  const send = useEffectEvent(() => {
    if (text.trim() !== q) onChange(withText(search, text.trim()));
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the text begins to wait again
  useEffect(() => {
    const timer = setTimeout(() => send(), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useShortcuts([{ keys: '/', text: 'Search the requests', run: () => ref.current?.focus() }]);
  return (
    <TextInput
      ref={ref}
      type="search"
      aria-label="Search the requests"
      placeholder="Search"
      maxLength={200}
      className="!w-44 max-sm:!w-auto max-sm:flex-1"
      value={text}
      onChange={({ target }) => setText(target.value)}
    />
  );
}
