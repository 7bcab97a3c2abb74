import { Fragment } from 'react';
import { Dialog } from '../controls/dialog.tsx';
import { currentShortcuts } from '../controls/shortcuts.ts';

/** The shortcuts of everything that is shown. */
export const ShortcutSheet = ({ onClose }: { onClose: () => void }) => (
  <Dialog title="Keyboard shortcuts" onClose={onClose}>
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
      {[{ keys: 'Ctrl K', text: 'Search and commands' }, ...currentShortcuts()].map(({ keys, text }) => (
        <Fragment key={`${keys} ${text}`}>
          <dt>
            <kbd className="rounded border border-edge px-1.5 font-mono text-sm">{keys}</kbd>
          </dt>
          <dd>{text}</dd>
        </Fragment>
      ))}
    </dl>
  </Dialog>
);
