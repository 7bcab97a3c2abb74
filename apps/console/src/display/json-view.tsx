// JSON as a tree that folds. Large values are cut; the download is complete.
import { Copy, Download } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { copy } from './copy-button.tsx';
import { downloadJson, sizeText } from './download.ts';
import { ScrollBox } from './scroll-box.tsx';
import { Text } from './text.tsx';

const PAGE = 100;
const MAX_TEXT = 1_000;
/** Larger values are not copied: the clipboard of some systems fails silently. */
const MAX_COPY = 1_000_000;
const MAX_OPEN = 20;

type JsonViewProps = {
  value: unknown;
  /** Of the file of a download, without extension. */
  fileName?: string;
  /** The levels that are open at first. */
  openDepth?: number;
};

export function JsonView({ value, fileName = 'value', openDepth = 2 }: JsonViewProps) {
  const text = useMemo(() => JSON.stringify(value, undefined, 2) ?? 'null', [value]);
  return (
    <div className="min-w-0 rounded-lg bg-soft p-2">
      <div className="flex items-center justify-end gap-1 text-sm text-dim">
        <span>{sizeText(text.length)}</span>
        {text.length <= MAX_COPY && (
          <IconButton label="Copy the JSON" onClick={() => void copy(text)}>
            <Copy size={13} aria-hidden="true" />
          </IconButton>
        )}
        <IconButton label="Download the JSON" onClick={() => downloadJson(fileName, value)}>
          <Download size={13} aria-hidden="true" />
        </IconButton>
      </div>
      <ScrollBox label={`JSON of ${fileName}`} className="max-h-[32rem] font-mono text-sm leading-6">
        <Node value={value} openDepth={openDepth} />
      </ScrollBox>
    </div>
  );
}

const IconButton = ({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) => (
  <button type="button" aria-label={label} title={label} className="rounded p-1.5 hover:bg-line" onClick={onClick}>
    {children}
  </button>
);

type NodeProps = { name?: string; value: unknown; openDepth: number };

function Node({ name, value, openDepth }: NodeProps) {
  if (typeof value === 'object' && value !== null) return <Branch name={name} value={value} openDepth={openDepth} />;
  return (
    <div className="flex gap-1 pl-3.5">
      <Name name={name} />
      <Scalar value={value} />
    </div>
  );
}

const Name = ({ name }: { name: string | undefined }) =>
  name === undefined ? null : <span className="shrink-0 text-dim">{name}:</span>;

function Scalar({ value }: { value: unknown }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== 'string') return <span className="text-plan">{String(value)}</span>;
  if (isWhole || value.length <= MAX_TEXT)
    return (
      <span className="min-w-0 break-words whitespace-pre-wrap">
        <Text>{JSON.stringify(value)}</Text>
      </span>
    );
  return (
    <span className="min-w-0 break-words whitespace-pre-wrap">
      <Text>{JSON.stringify(value.slice(0, MAX_TEXT)).slice(0, -1)}</Text>…{' '}
      <button type="button" className="text-accent underline" onClick={() => setWhole(true)}>
        {value.length.toLocaleString()} characters
      </button>
    </span>
  );
}

function Branch({ name, value, openDepth }: { name: string | undefined; value: object; openDepth: number }) {
  const entries: [string, unknown][] = Object.entries(value);
  const [isOpen, setOpen] = useState(openDepth > 0 && entries.length <= MAX_OPEN);
  const [limit, setLimit] = useState(PAGE);
  const isList = Array.isArray(value);
  if (entries.length === 0)
    return (
      <div className="flex gap-1 pl-3.5">
        <Name name={name} />
        <span>{isList ? '[]' : '{}'}</span>
      </div>
    );
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Name name={name} /> <span className="text-dim">{isList ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </summary>
      {isOpen && (
        <div className="ml-1 border-l border-line pl-2">
          {entries.slice(0, limit).map(([key, item]) => (
            <Node key={key} name={key} value={item} openDepth={openDepth - 1} />
          ))}
          {entries.length > limit && (
            <button type="button" className="pl-3.5 text-accent underline" onClick={() => setLimit(limit + PAGE)}>
              {Math.min(PAGE, entries.length - limit)} more of {entries.length.toLocaleString()}
            </button>
          )}
        </div>
      )}
    </details>
  );
}
