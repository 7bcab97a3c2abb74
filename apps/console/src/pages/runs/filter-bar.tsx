import { runStatusLabels } from '@errand/contracts/labels';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Select, TextInput } from '../../controls/field.tsx';
import { useShortcuts } from '../../controls/shortcuts.ts';
import { useIntegrations } from '../../session/integrations.ts';
import { UserOptions } from '../../session/user-options.tsx';
import { FilterChips } from './filter-chips.tsx';
import { PeriodFilter } from './period-filter.tsx';
import { type ChangeSearch, hasFilters, type RunStatus, type RunsSearch, STATUS_GROUPS, searchOf } from './search.ts';

const TYPING_MS = 300;

type FilterBarProps = {
  search: RunsSearch;
  onChange: ChangeSearch;
  /** Further buttons. */
  children: ReactNode;
};

/** The filters. Each choice is applied at once. */
export function FilterBar({ search, onChange, children }: FilterBarProps) {
  return (
    <search className="mb-3 flex flex-wrap items-center gap-2">
      <WordsInput words={search.q ?? ''} onChange={onChange} />
      <StatusSelect search={search} onChange={onChange} />
      <UserInput key={search.userId} userId={search.userId} onChange={onChange} />
      <IntegrationSelect chosen={search.integration} onChange={onChange} />
      <PeriodFilter search={search} onChange={onChange} />
      <Select
        aria-label="Order"
        className="!w-auto"
        value={search.sort ?? ''}
        onChange={({ target }) => onChange({ sort: undefined, ...searchOf({ sort: target.value }) })}
      >
        <option value="">Newest first</option>
        <option value="createdAt">Oldest first</option>
        <option value="-duration">Longest first</option>
      </Select>
      <FilterChips search={search} onChange={onChange} />
      {hasFilters(search) && (
        <Button look="quiet" onClick={() => onChange({}, { isWhole: true })}>
          Clear
        </Button>
      )}
      {children}
    </search>
  );
}

function WordsInput({ words, onChange }: { words: string; onChange: ChangeSearch }) {
  const [text, setText] = useState(words);
  const input = useRef<HTMLInputElement>(null);
  const applied = useRef(words);
  useShortcuts([{ keys: '/', text: 'Search the errands', run: () => input.current?.focus() }]);
  // Another view, or Back, brings other words; while a person writes, the address only follows.
  useEffect(() => {
    if (words === applied.current || document.activeElement === input.current) return;
    applied.current = words;
    setText(words);
  }, [words]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing changes the address
  useEffect(() => {
    const q = /[\p{L}\p{N}]/u.test(text) ? text.trim() : '';
    if (q === applied.current) return;
    const timer = setTimeout(() => {
      applied.current = q;
      onChange({ q: q === '' ? undefined : q }, { isReplacing: true });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <TextInput
      ref={input}
      type="search"
      maxLength={200}
      aria-label="Words of the intent, the result or the error"
      placeholder="Words to search for"
      className="!w-52 max-sm:!w-full"
      value={text}
      onChange={({ target }) => setText(target.value)}
    />
  );
}

function StatusSelect({ search: { status, waiting }, onChange }: { search: RunsSearch; onChange: ChangeSearch }) {
  const value = waiting ? 'waiting' : (status?.join(' ') ?? '');
  const choose = (chosen: string) => {
    if (chosen === 'waiting') return onChange({ status: undefined, waiting: true });
    onChange({ waiting: undefined, status: chosen === '' ? undefined : (chosen.split(' ') as RunStatus[]) });
  };
  return (
    <Select aria-label="Status" className="!w-auto" value={value} onChange={({ target }) => choose(target.value)}>
      <option value="">Any status</option>
      {STATUS_GROUPS.map(({ name, statuses }) => (
        <option key={name} value={statuses.join(' ')}>
          {name}
        </option>
      ))}
      <option value="waiting">waits for a person</option>
      {Object.entries(runStatusLabels).map(([each, label]) => (
        <option key={each} value={each}>
          {label}
        </option>
      ))}
    </Select>
  );
}

function UserInput({ userId, onChange }: { userId: string | undefined; onChange: ChangeSearch }) {
  const listId = useId();
  const [text, setText] = useState(userId ?? '');
  const apply = () => onChange({ userId: text.trim() === '' ? undefined : text.trim() });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <TextInput
        aria-label="User"
        placeholder="Any user"
        list={listId}
        maxLength={255}
        className="!w-36"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onBlur={() => text.trim() !== (userId ?? '') && apply()}
      />
      <UserOptions id={listId} text={text} />
    </form>
  );
}

function IntegrationSelect({ chosen, onChange }: { chosen: string | undefined; onChange: ChangeSearch }) {
  const integrations = useIntegrations();
  return (
    <Select
      aria-label="Integration"
      className="!w-auto max-w-48"
      value={chosen ?? ''}
      onChange={({ target }) => onChange({ integration: target.value === '' ? undefined : target.value })}
    >
      <option value="">Any integration</option>
      {integrations.map(({ customerIntegrationId, name }) => (
        <option key={customerIntegrationId} value={customerIntegrationId}>
          {name}
        </option>
      ))}
    </Select>
  );
}
