// Keys of a page. A key does nothing while a person writes, with a modifier, or while a dialog is open.
import { useEffect, useEffectEvent } from 'react';

/** run: with the event, for actions that a held key must not repeat. */
export type Shortcut = { keys: string; text: string; run: (event: KeyboardEvent) => void };

const bound = new Set<readonly Shortcut[]>();

/** The shortcuts of everything that is shown, for the sheet. */
export const currentShortcuts = (): Shortcut[] => [...bound].flat();

/** Binds keys while the component is shown. `keys` is the value of `KeyboardEvent.key`, or two with a space for a sequence such as `g r`. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const act = useEffectEvent((event: KeyboardEvent, previous: string) => {
    const found =
      shortcuts.find(({ keys }) => keys === `${previous} ${event.key}`) ??
      shortcuts.find(({ keys }) => keys === event.key);
    if (!found) return;
    event.preventDefault();
    found.run(event);
  });
  const names = shortcuts.map(({ keys, text }) => `${keys} ${text}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the sheet shows the names alone
  useEffect(() => {
    bound.add(shortcuts);
    let previous = '';
    const listen = (event: KeyboardEvent) => {
      if (isTaken(event)) return;
      act(event, previous);
      previous = event.key;
    };
    addEventListener('keydown', listen);
    return () => {
      bound.delete(shortcuts);
      removeEventListener('keydown', listen);
    };
  }, [names]);
}

function isTaken({ target, ctrlKey, metaKey, altKey, defaultPrevented }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || defaultPrevented) return true;
  const element = target instanceof Element ? target : document.body;
  return (
    element.closest('input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable=true], dialog') !==
    null
  );
}
