import type { ReactNode } from 'react';
import { Text } from '../display/text.tsx';
import { ArgsList } from './args-list.tsx';
import type { Entry } from './entry.ts';
import { FoundBefore, RequestPreview } from './facts.tsx';
import { ArgsForm } from './form/args-form.tsx';
import type { Draft } from './form/draft.ts';
import type { Json } from './form/json.ts';
import { Folded, JsonText, ScrollBox } from './panel-parts.tsx';

type CallBodyProps = {
  entry: Entry;
  draft: Draft;
  /** Absent if the arguments cannot be changed. */
  onChange: ((draft: Draft) => void) | undefined;
  faults: Readonly<Record<string, string>>;
  isCompact: boolean;
};

/** A call: what was found before it, its arguments, and its effect. */
export function CallBody({ entry, draft, onChange, faults, isCompact }: CallBodyProps) {
  const schema = entry.inputSchema ?? {};
  return (
    <>
      {!isCompact && <FoundBefore entry={entry} />}
      {onChange ? (
        <MaybeFolded isFolded={isCompact}>
          <ArgsForm
            name="Arguments"
            {...{ schema, draft, onChange, faults }}
            hintOf={(pointer) => <Origin entry={entry} pointer={pointer} />}
          />
        </MaybeFolded>
      ) : (
        <Arguments entry={entry} />
      )}
      <RequestPreview entry={entry} />
    </>
  );
}

const MaybeFolded = ({ isFolded, children }: { isFolded: boolean; children: ReactNode }) =>
  isFolded ? <Folded title="Look at the arguments, or change them">{children}</Folded> : children;

/** Arguments to read. */
export function Arguments({ entry }: { entry: Entry }) {
  const { args, inWords, calls } = entry;
  return (
    <section aria-label="Arguments" className="flex flex-col gap-2">
      <h3 className="font-semibold">{calls === undefined ? 'Arguments' : `Arguments of ${calls} calls`}</h3>
      {inWords?.calls && (
        <ScrollBox name="Calls">
          <ol className="list-decimal pl-6">
            {inWords.calls.map(({ toolCallId, sentence }) => (
              <li key={toolCallId} className="break-words">
                <Text>{sentence}</Text>
              </li>
            ))}
            {calls !== undefined && calls > inWords.calls.length && <li>and {calls - inWords.calls.length} more</li>}
          </ol>
        </ScrollBox>
      )}
      {entry.leftOut?.fields.includes('args') && (
        <p className="text-wait">
          The arguments are too large for this page. Read them in the page of the errand before you decide.
        </p>
      )}
      {args !== undefined && calls === undefined && (
        <ArgsList
          args={args as Json}
          schema={entry.inputSchema ?? {}}
          hintOf={(pointer) => <Origin entry={entry} pointer={pointer} />}
        />
      )}
      {args !== undefined && (
        <Folded title="As JSON">
          <JsonText value={args} />
        </Folded>
      )}
    </section>
  );
}

/** The name of the object behind an id, and where the planned value comes from. */
function Origin({ entry: { names, argOrigins }, pointer }: { entry: Entry; pointer: string }) {
  const [name, origin] = [names?.[pointer], argOrigins?.[pointer]];
  if (name === undefined && !origin) return null;
  return (
    <span className="block">
      {name !== undefined && (
        <span className="font-semibold text-ink">
          <Text>{name}</Text>
        </span>
      )}
      {name !== undefined && origin && ' · '}
      {origin && <Text>{origin.text}</Text>}
    </span>
  );
}
