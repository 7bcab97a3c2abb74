import type { Outputs } from '@errand/client/console';
import { effectLabels } from '@errand/contracts/labels';
import { ScrollBox } from '../../../display/scroll-box.tsx';
import { Text } from '../../../display/text.tsx';
import { type DiffGap, type DiffLine, textDiff, withContext } from './text-diff.ts';

export type ToolChange = Outputs['integrations']['toolChange'];
type Definition = NonNullable<ToolChange['after']>;

const json = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value, undefined, 2));

const PARTS: readonly { name: string; of: (definition: Definition) => string }[] = [
  { name: 'Title', of: ({ title = '' }) => title },
  { name: 'Request', of: ({ method = '', path = '' }) => `${method} ${path}`.trim() },
  { name: 'Effect', of: ({ effect }) => effectLabels[effect] },
  { name: 'Description', of: ({ description }) => description },
  { name: 'Arguments', of: ({ inputSchema }) => json(inputSchema) },
  { name: 'Answer', of: ({ outputSchema }) => json(outputSchema) },
];

/** What a refresh changed in a tool, part by part; a new tool as a whole. */
export function DefinitionDiff({ change: { name, before, after } }: { change: ToolChange }) {
  const parts = PARTS.map(({ name: part, of }) => ({
    name: part,
    before: before ? of(before) : '',
    after: after ? of(after) : '',
  })).filter((part) => part.before !== part.after);
  if (parts.length === 0) return <p className="text-dim">Its definition is the same as before.</p>;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {parts.map((part) => (
        <div key={part.name} className="min-w-0">
          <h3 className="text-dim">{part.name}</h3>
          <Lines {...part} tool={name} />
        </div>
      ))}
    </div>
  );
}

const LOOKS = { ' ': '', '-': 'bg-bad-soft text-bad', '+': 'text-good' } as const;
const WORDS = { ' ': '', '-': 'removed: ', '+': 'added: ' } as const;

function Lines({ tool, name, before, after }: { tool: string; name: string; before: string; after: string }) {
  const lines = textDiff(before, after).filter(({ sign, text }) => sign === ' ' || text !== '');
  return (
    <ScrollBox label={`${name} of ${tool}`} className="max-h-80 rounded-lg bg-soft p-2 font-mono text-sm">
      {withContext(lines).map((line, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a difference have no other key
        <Line key={n} line={line} />
      ))}
    </ScrollBox>
  );
}

function Line({ line }: { line: DiffLine | DiffGap }) {
  if ('hidden' in line)
    return <div className="text-dim">… {line.hidden === 1 ? '1 equal line' : `${line.hidden} equal lines`}</div>;
  return (
    <div className={`break-words whitespace-pre-wrap ${LOOKS[line.sign]}`}>
      <span className="sr-only">{WORDS[line.sign]}</span>
      <span aria-hidden="true">{line.sign} </span>
      <Text>{line.text}</Text>
    </div>
  );
}
