// Short messages at the edge of the window.
import { Store, useStore } from '../session/store.ts';

type Toast = { id: number; text: string; isBad: boolean };

const VISIBLE_MS = 6_000;
const MAX_TOASTS = 3;
const toasts = new Store<readonly Toast[]>([]);
let lastId = 0;

/** Shows a message for some seconds. */
export function toast(text: string, { isBad = false } = {}): void {
  const id = ++lastId;
  toasts.set([...toasts.get(), { id, text, isBad }].slice(-MAX_TOASTS));
  setTimeout(() => toasts.set(toasts.get().filter((each) => each.id !== id)), VISIBLE_MS);
}

/** The region of the messages; once a page. */
export function Toasts() {
  const messages = useStore(toasts);
  return (
    <div role="status" className="pointer-events-none fixed right-4 bottom-20 z-50 flex flex-col gap-2 sm:bottom-4">
      {messages.map(({ id, text, isBad }) => (
        <div
          key={id}
          className={`max-w-sm rounded-lg border bg-pane px-3 py-2 break-words shadow-lg ${isBad ? 'border-bad text-bad' : 'border-line'}`}
        >
          {text}
        </div>
      ))}
    </div>
  );
}
