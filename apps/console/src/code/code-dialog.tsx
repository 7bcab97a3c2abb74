import { type ReactNode, useState } from 'react';
import { Button } from '../controls/button.tsx';
import { Dialog } from '../controls/dialog.tsx';
import { copy } from '../display/copy-button.tsx';
import { ScrollBox } from '../display/scroll-box.tsx';
import type { RestRequest } from './operation.ts';
import { LANGUAGES, type Language, snippetOf } from './snippets.ts';

type CodeDialogProps = {
  title: string;
  request: RestRequest;
  /** Further requirements and effects of the program, as a sentence. */
  note?: ReactNode;
  onClose: () => void;
};

/** The program that sends a request, in three languages. */
export function CodeDialog({ title, request, note, onClose }: CodeDialogProps) {
  const [language, setLanguage] = useState<Language>('curl');
  const text = snippetOf(language, location.origin, request);
  return (
    <Dialog title={title} onClose={onClose} isWide>
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
        Put an API key of this workspace into <code className="font-mono text-sm">ERRAND_API_KEY</code>. {note}
      </p>
    </Dialog>
  );
}
