// The keys of decisions. A key that is held, or pressed for the entry before, decides nothing.
import { useEffect, useRef } from 'react';
import { type Shortcut, useShortcuts } from '../controls/shortcuts.ts';

/** So long an entry must be shown before a key decides about it. */
const SETTLE_MS = 500;

/** On the page of an errand the other keys have other meanings. */
const KEYS_OF_ERRANDS = new Set(['a', 'A', 'd']);

/** Binds the keys of the panel of one entry. */
export function useDecisionKeys(isCompact: boolean, keys: readonly (Shortcut | false)[]): void {
  const openedAt = useRef(0);
  useEffect(() => {
    openedAt.current = performance.now();
  }, []);
  useShortcuts(
    keys
      .filter((key) => key !== false)
      .filter(({ keys }) => !isCompact || KEYS_OF_ERRANDS.has(keys))
      .map(({ run, ...rest }) => ({
        ...rest,
        run: (event: KeyboardEvent) => {
          if (!event.repeat && performance.now() - openedAt.current > SETTLE_MS) run(event);
        },
      })),
  );
}
