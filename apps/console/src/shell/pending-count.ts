// The number of open decision requests: a badge, the title of the window and, where the person allowed it, notifications.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { entryIdOf } from '../decide/entry.ts';
import type { PendingFrame } from '../live/demand.ts';
import { useLive } from '../live/use-live.ts';
import { useClient, useWorkspaceId } from '../session/workspace.tsx';

const PAGE = 100;

/** A number, or "99+"; undefined for none. Also shows it in the title of the window. */
export function usePendingCount(): string | undefined {
  const workspaceId = useWorkspaceId();
  const client = useClient();
  const queries = useQueryClient();
  const queryKey = ['pending count', workspaceId];
  const { data = 0 } = useQuery({
    queryKey,
    queryFn: async ({ signal }) => (await client.pending.list.query({ pageSize: PAGE }, { signal })).pending.length,
  });
  const tally = useRef(new Tally());
  useLive(
    { kind: 'pending', workspaceId },
    {
      onFrame: (frame) => {
        const count = tally.current.add(frame);
        if (count !== undefined) queries.setQueryData(queryKey, count);
      },
      onCatchUp: () => void queries.invalidateQueries({ queryKey }),
    },
  );
  const text = data === 0 ? undefined : data >= PAGE ? `${PAGE - 1}+` : String(data);
  useTitleBadge(text);
  return text;
}

type AddedEntry = Extract<PendingFrame, { type: 'added' }>['entry'];

/** Counts open entries by the frames of their stream. */
class Tally {
  readonly #open = new Set<string>();
  /** Entries of the snapshot that are still to come; they are not new. */
  #expected = 0;

  /** @returns the number of open entries; undefined while those of a snapshot come */
  add(frame: PendingFrame): number | undefined {
    if (frame.type === 'snapshot') {
      this.#open.clear();
      this.#expected = frame.open;
      return frame.open === 0 ? 0 : undefined;
    }
    if (frame.type === 'gone') this.#open.delete(entryIdOf(frame));
    else {
      this.#open.add(entryIdOf(frame.entry));
      if (this.#expected === 0) notify(frame.entry);
    }
    if (this.#expected > 0) this.#expected--;
    return this.#expected === 0 ? this.#open.size : undefined;
  }
}

function notify(entry: AddedEntry): void {
  if (!('Notification' in window) || Notification.permission !== 'granted' || document.hasFocus()) return;
  // The same tag: several tabs show one notification.
  new Notification(entry.text, { body: entry.intent, tag: entryIdOf(entry) });
}

/** Puts "(3)" before the title, whatever page sets it. */
function useTitleBadge(text: string | undefined): void {
  useEffect(() => {
    const show = () => {
      const plain = document.title.replace(/^\(\d+\+?\) /, '');
      const title = text === undefined ? plain : `(${text}) ${plain}`;
      if (document.title !== title) document.title = title;
    };
    const observer = new MutationObserver(show);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    show();
    return () => observer.disconnect();
  }, [text]);
}
