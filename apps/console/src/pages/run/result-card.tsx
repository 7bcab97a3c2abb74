// The outcome of a run, as a person would read it.
import { type ReactNode, useState } from 'react';
import { sizeText } from '../../display/download.ts';
import { JsonView } from '../../display/json-view.tsx';
import { Text } from '../../display/text.tsx';
import { At } from '../../display/time.tsx';
import { ValueView } from '../../display/value.tsx';
import type { Run } from './log/phases.ts';

/** Nothing while there is nothing to tell. */
export function ResultCard({ run, feedback }: { run: Run; feedback: ReactNode }) {
  const { result, error, summary, endedAt, outputsRemovedAt, leftOut = [] } = run;
  if (endedAt === undefined) return null;
  const cut = leftOut.find(({ field }) => field === 'result');
  const hasResult = result !== undefined;
  const isTold = result === summary;
  return (
    <section
      aria-labelledby="result"
      className="flex flex-col gap-2 rounded-xl border border-line bg-pane p-4 max-sm:p-3"
    >
      <h2 id="result" className="sr-only">
        Result
      </h2>
      {error && run.status !== 'CANCELED' ? (
        <ErrorText error={error} />
      ) : (
        summary !== undefined && (
          <p className="text-lg break-words">
            <Text>{summary}</Text>
          </p>
        )
      )}
      {hasResult && !isTold && <ValueOrJson value={result} fileName={`result-${run.runId.slice(-6)}`} label="Result" />}
      {cut && <CutNote {...cut} />}
      {outputsRemovedAt !== undefined && (
        <p className="text-dim">
          The result, and the arguments and answers of the calls, were removed on <At at={outputsRemovedAt} />, after
          the retention period.
        </p>
      )}
      {!hasResult && !cut && !error && outputsRemovedAt === undefined && (
        <p className="text-dim">The errand has no result.</p>
      )}
      {run.status !== 'CANCELED' && feedback}
    </section>
  );
}

function ErrorText({ error: { code, message, retryable, errors = [] } }: { error: NonNullable<Run['error']> }) {
  return (
    <div className="flex flex-col gap-1">
      <p className="text-lg break-words text-bad">
        <Text>{message}</Text>
      </p>
      <p className="text-dim">
        <code className="font-mono text-sm">{code}</code>{' '}
        {retryable
          ? 'The same errand may succeed in a rerun.'
          : 'A rerun without a change may not help, or may repeat a write.'}
      </p>
      {errors.length > 0 && (
        <details>
          <summary className="text-dim">
            For developers: {errors.length === 1 ? 'the part at fault' : `${errors.length} parts at fault`}
          </summary>
          <ul className="mt-1 flex flex-col gap-1">
            {errors.map(({ pointer, message: text }) => (
              <li key={`${pointer} ${text}`} className="break-words">
                <code className="font-mono text-sm">{pointer}</code> {text}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

const CutNote = ({ bytes, path }: NonNullable<Run['leftOut']>[number]) => (
  <p className="text-dim">
    The result is too large for this page{bytes === undefined ? '' : ` (${sizeText(bytes)})`}. Read it at{' '}
    <code className="font-mono text-sm break-all">{path}</code> with an API key.
  </p>
);

/** A value for people; its JSON is a tab away. */
export function ValueOrJson({ value, fileName, label }: { value: unknown; fileName: string; label: string }) {
  const [isJson, setJson] = useState(false);
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <fieldset className="flex gap-1 self-end">
        <legend className="sr-only">Show as</legend>
        {[false, true].map((each) => (
          <button
            key={String(each)}
            type="button"
            aria-pressed={isJson === each}
            className="rounded-lg px-2 py-1 text-sm text-dim hover:bg-soft aria-pressed:bg-soft aria-pressed:font-semibold aria-pressed:text-ink"
            onClick={() => setJson(each)}
          >
            {each ? 'JSON' : label}
          </button>
        ))}
      </fieldset>
      {isJson ? <JsonView value={value} fileName={fileName} /> : <ValueView value={value} fileName={fileName} />}
    </div>
  );
}
