import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { useShortcuts } from '../../controls/shortcuts.ts';
import { DecisionPanel } from '../../decide/decision-panel.tsx';
import { entryIdOf } from '../../decide/entry.ts';
import { ProblemNote } from '../../display/problem-note.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { BulkBar, MAX_DECISIONS } from './bulk-bar.tsx';
import { DecideAll } from './decide-all.tsx';
import { EntryList } from './entry-list.tsx';
import { FilterBar } from './filter-bar.tsx';
import { neighbour, selectableWith } from './inbox.ts';
import { NotifyButton } from './notify-button.tsx';
import { type InboxSearch, searchOf } from './search.ts';
import { type Inbox, idsOf, useInbox } from './use-inbox.ts';

const route = getRouteApi('/w/$workspaceId/inbox');

/** The decision requests of all errands: the list, and the opened request. */
export function InboxPage() {
  const search = route.useSearch();
  const inbox = useInbox(search);
  const go = useGo();
  const panel = useRef<HTMLElement>(null);
  const ids = idsOf(inbox.entries);
  const { entry: opened } = search;
  useFirstOpened(inbox, search, go);
  const move = (step: 1 | -1) => () => {
    const next = step === 1 && opened === ids.at(-1) ? undefined : neighbour(ids, opened, step);
    if (next !== undefined) go({ ...search, entry: next });
  };
  useShortcuts([
    { keys: 'j', text: 'Next request', run: move(1) },
    { keys: 'k', text: 'Previous request', run: move(-1) },
  ]);
  const current = useRef(opened);
  useEffect(() => {
    current.current = opened;
  }, [opened]);
  const onDone = () => {
    const { entry: id, ...rest } = search;
    const next = neighbour(ids, id, 1);
    inbox.remove(id === undefined ? [] : [id]);
    // The person has moved on before the answer came.
    if (current.current !== id) return;
    go(next === undefined ? rest : { ...rest, entry: next });
    panel.current?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  };
  return (
    <div className="flex flex-col gap-4 max-lg:gap-3">
      <Top search={search} go={go} />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(300px,380px)_minmax(0,1fr)]">
        <div
          className={`min-w-0 lg:sticky lg:top-14 lg:max-h-[calc(100dvh-140px)] lg:overflow-auto ${opened === undefined ? '' : 'max-lg:hidden'}`}
        >
          <List inbox={inbox} search={search} />
        </div>
        <section ref={panel} tabIndex={-1} aria-label="Opened request" className="min-w-0 max-w-240 outline-none">
          {opened !== undefined && (
            <>
              <BackLink search={search} />
              <DecisionPanel
                key={opened}
                entryId={opened}
                known={inbox.entries.find((entry) => entryIdOf(entry) === opened)}
                onDone={onDone}
              />
            </>
          )}
        </section>
      </div>
    </div>
  );
}

type Go = (search: InboxSearch) => void;

/** On a small screen an opened request has the page for itself. */
function Top({ search, go }: { search: InboxSearch; go: Go }) {
  const isHidden = search.entry !== undefined;
  const hidden = isHidden ? 'max-lg:hidden' : '';
  return (
    <div className={`flex flex-wrap items-center gap-x-4 gap-y-2 ${isHidden ? 'max-lg:contents' : ''}`}>
      <h1 className={`text-xl font-semibold ${isHidden ? 'max-lg:sr-only' : ''}`}>Inbox</h1>
      <div className={`flex-1 max-sm:order-last max-sm:basis-full ${hidden}`}>
        <FilterBar search={search} onChange={go} />
      </div>
      <div className={`max-sm:ml-auto ${hidden}`}>
        <NotifyButton />
      </div>
    </div>
  );
}

/** Changes the address without a new entry of the history. */
function useGo(): Go {
  const navigate = useNavigate();
  const workspaceId = useWorkspaceId();
  return (search) =>
    void navigate({ to: '/w/$workspaceId/inbox', params: { workspaceId }, search, replace: true, resetScroll: false });
}

const WIDE = '(min-width: 64rem)';

/** A wide page also has room for a request: the first one. It stays, whatever comes before it. */
function useFirstOpened({ entries, isOld }: Inbox, search: InboxSearch, go: Go): void {
  const first = entries[0];
  const opens = search.entry === undefined && !isOld && first !== undefined;
  const open = useEffectEvent(() => {
    if (first && matchMedia(WIDE).matches) go({ ...search, entry: entryIdOf(first) });
  });
  useEffect(() => {
    if (opens) open();
  }, [opens]);
}

function BackLink({ search: { entry: _, ...search } }: { search: InboxSearch }) {
  const workspaceId = useWorkspaceId();
  return (
    <Link
      to="/w/$workspaceId/inbox"
      params={{ workspaceId }}
      search={search}
      className="mb-3 inline-flex items-center gap-1.5 text-accent lg:hidden"
    >
      <ArrowLeft size={14} aria-hidden="true" />
      Inbox
    </Link>
  );
}

/** Rows at first. */
const MAX_ROWS = 100;

function List({ inbox, search }: { inbox: Inbox; search: InboxSearch }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { entries, closings, error, isPending, isOld, hasMore } = inbox;
  const [limit, setLimit] = useState(MAX_ROWS);
  const { state, kind, q } = search;
  // The same while requests are opened, so that their rows are not rendered again.
  const filters = useMemo(() => searchOf({ state, kind, q }), [state, kind, q]);
  const isSelectable = selectableWith(entries, selected);
  const toggle = useCallback(
    (id: string) =>
      setSelected((before) => new Set(before.has(id) ? [...before].filter((each) => each !== id) : [...before, id])),
    [],
  );
  const chosen = entries.filter((entry) => selected.has(entryIdOf(entry)) && !closings.has(entryIdOf(entry)));
  const others = entries
    .filter((entry) => isSelectable(entry) && !selected.has(entryIdOf(entry)) && !closings.has(entryIdOf(entry)))
    .slice(0, Math.max(0, MAX_DECISIONS - chosen.length));
  const opened = entries.find((entry) => entryIdOf(entry) === search.entry);
  const rows = Math.max(limit, opened ? entries.indexOf(opened) + 1 : 0);
  const showMore = () => {
    setLimit(rows + MAX_ROWS);
    if (rows + MAX_ROWS > entries.length && hasMore) inbox.readMore();
  };
  const select = () => opened && state === undefined && isSelectable(opened) && toggle(entryIdOf(opened));
  useShortcuts([{ keys: 'x', text: 'Select the call, to decide several together', run: () => void select() }]);
  if (isPending && !error) return <div className="h-96" aria-busy="true" />;
  return (
    <div className={`flex flex-col gap-3 ${isOld ? 'opacity-60' : ''}`}>
      {error != null && <ProblemNote error={error} onRetry={inbox.readAgain} />}
      {kind === 'effect' && state === undefined && q === undefined && <DecideAll hasSeveral={entries.length > 1} />}
      <BulkBar
        entries={chosen}
        others={chosen.length === 0 ? 0 : others.length}
        onSelectAll={() => setSelected(new Set([...selected, ...idsOf(others)]))}
        onClear={() => setSelected(new Set())}
        onDecided={(ids) => {
          setSelected(new Set());
          inbox.remove(ids);
          inbox.readAgain();
        }}
      />
      {entries.length > 0 ? (
        <EntryList
          {...{ entries: entries.slice(0, rows), closings, filters, selected, isSelectable }}
          opened={search.entry}
          onSelect={toggle}
        />
      ) : (
        !error && <Empty search={search} />
      )}
      {(hasMore || rows < entries.length) && <Button onClick={showMore}>Show more</Button>}
    </div>
  );
}

function Empty({ search: { state, kind, q } }: { search: InboxSearch }) {
  const workspaceId = useWorkspaceId();
  const isFiltered = kind !== undefined || q !== undefined;
  return (
    <div className="rounded-xl border border-dashed border-line p-6 text-center text-dim">
      <p>
        {isFiltered
          ? 'No request fits the filters.'
          : state === 'decided'
            ? 'Nothing was decided yet.'
            : 'Nothing waits for a decision.'}
      </p>
      <p className="mt-2">
        {isFiltered ? (
          <Link
            to="/w/$workspaceId/inbox"
            params={{ workspaceId }}
            search={state ? { state } : {}}
            className="text-accent underline"
          >
            Show all
          </Link>
        ) : (
          <Link to="/w/$workspaceId/new" params={{ workspaceId }} className="text-accent underline">
            New errand
          </Link>
        )}
      </p>
    </div>
  );
}
