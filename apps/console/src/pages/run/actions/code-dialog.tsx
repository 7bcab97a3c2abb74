import { useState } from 'react';
import { Button } from '../../../controls/button.tsx';
import { Dialog } from '../../../controls/dialog.tsx';
import { copy } from '../../../display/copy-button.tsx';
import { ScrollBox } from '../../../display/scroll-box.tsx';
import type { Run } from '../log/phases.ts';
import { LANGUAGES, type Language, snippetOf } from './snippets.ts';

/** The program that creates the same errand, in three languages. */
export function CodeDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const [language, setLanguage] = useState<Language>('curl');
  const text = snippetOf(language, location.origin, run);
  return (
    <Dialog title="Create this errand from code" onClose={onClose} isWide>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <fieldset className="flex gap-1">
          <legend className="sr-only">Language</legend>
          {LANGUAGES.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={language === each}
              className="rounded-lg px-2 py-1 text-dim hover:bg-soft aria-pressed:bg-soft aria-pressed:font-semibold aria-pressed:text-ink"
              onClick={() => setLanguage(each)}
            >
              {each}
            </button>
          ))}
        </fieldset>
        <Button look="accent" data-first-focus onClick={() => void copy(text)}>
          Copy
        </Button>
      </div>
      <ScrollBox label={language} className="mt-2 max-h-[60dvh] rounded-lg bg-soft p-2">
        <pre className="font-mono text-sm">{text}</pre>
      </ScrollBox>
      <p className="mt-2 text-dim">
        Put an API key of this workspace into <code className="font-mono text-sm">ERRAND_API_KEY</code>. Each call
        creates another errand.
      </p>
    </Dialog>
  );
}
