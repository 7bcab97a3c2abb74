import { useState } from 'react';
import { Button } from '../../../controls/button.tsx';
import { TextInput } from '../../../controls/field.tsx';
import { Badge } from '../../../display/badge.tsx';
import { Text } from '../../../display/text.tsx';
import { Facts } from '../../../manage/facts.tsx';
import { Empty, Table } from '../../../manage/list-view.tsx';
import { Section } from '../../../manage/page.tsx';
import { authTexts } from '../auth-fields.ts';
import { type Inspection, type Kind, kindOf, type Source, suggestedAuth } from '../draft.ts';

/** The text for a service that asks for no credential. */
export const NO_CREDENTIAL: Readonly<Record<Kind, string>> = {
  openapi: 'It names none that Errand supports.',
  mcp: 'It lists its tools without one.',
};

export function InspectionFacts({ source }: { source: Source & { from: 'inspection' } }) {
  const { inspection } = source;
  const { description, host, baseUrl, warnings } = inspection;
  const auth = suggestedAuth(source);
  return (
    <div className="flex min-w-0 flex-col gap-6">
      {description !== undefined && (
        <p className="max-w-3xl break-words whitespace-pre-wrap">
          <Text>{description}</Text>
        </p>
      )}
      <Facts
        facts={[
          ['Host', <Text key="host">{host}</Text>],
          [
            'Calls go to',
            <span key="base" className="break-all">
              <Text>{baseUrl}</Text>
            </span>,
          ],
          ['Credential', auth === 'NONE' ? NO_CREDENTIAL[kindOf(source)] : authTexts[auth]],
          ['Operations', countText(inspection)],
        ]}
      />
      {warnings.length > 0 && <Warnings warnings={warnings} />}
      <Operations inspection={inspection} />
    </div>
  );
}

function countText({ operations, operationCount, hasMore }: Inspection): string {
  const reads = operations.filter(({ effect }) => effect === 'read').length;
  const counted = `${reads.toLocaleString()} read, ${(operations.length - reads).toLocaleString()} write`;
  return hasMore
    ? `${operationCount.toLocaleString()}; of the first ${operations.length.toLocaleString()}, ${counted}`
    : `${operationCount.toLocaleString()}: ${counted}`;
}

const Warnings = ({ warnings }: { warnings: readonly string[] }) => (
  <details className="rounded-lg border border-wait bg-wait-soft p-3">
    <summary className="font-semibold">
      {warnings.length === 1 ? '1 part' : `${warnings.length} parts`} could not be used unchanged
    </summary>
    <ul className="mt-2 list-disc pl-5">
      {[...new Set(warnings)].map((warning) => (
        <li key={warning} className="break-words">
          <Text>{warning}</Text>
        </li>
      ))}
    </ul>
  </details>
);

/** Rows at first, and with each "Show more". */
const STEP = 50;

function Operations({ inspection: { operations } }: { inspection: Inspection }) {
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(STEP);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const listed = operations.filter(({ operation, title = '', path = '' }) => {
    const all = `${operation} ${title} ${path}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  if (operations.length === 0)
    return <Empty>It lists no operations yet. A server may list them after a user has connected.</Empty>;
  return (
    <Section
      title="Operations"
      actions={
        <TextInput
          type="search"
          aria-label="Search the operations"
          placeholder="Search"
          className="!w-56"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      }
    >
      {listed.length === 0 ? (
        <Empty>No operation matches.</Empty>
      ) : (
        <Table
          label="Found operations"
          columns={columns}
          items={listed.slice(0, limit)}
          keyOf={({ operation }) => operation}
        />
      )}
      {listed.length > limit && (
        <Button className="self-center" onClick={() => setLimit(limit + STEP)}>
          Show more
        </Button>
      )}
    </Section>
  );
}

const columns = [
  {
    name: 'Operation',
    isMain: true,
    cell: ({ title, operation }: Inspection['operations'][number]) => (
      <span className="flex min-w-0 flex-col">
        <span className="font-semibold">
          <Text>{title ?? operation}</Text>
        </span>
        {title !== undefined && (
          <code className="font-mono text-sm break-all text-dim">
            <Text>{operation}</Text>
          </code>
        )}
      </span>
    ),
  },
  {
    name: 'Request',
    cell: ({ method, path }: Inspection['operations'][number]) =>
      method === undefined ? (
        <span className="text-dim">–</span>
      ) : (
        <code className="font-mono text-sm break-all">
          <Text>{`${method} ${path ?? ''}`}</Text>
        </code>
      ),
  },
  {
    name: 'Effect',
    cell: ({ effect }: Inspection['operations'][number]) => <EffectBadge effect={effect} />,
  },
];

export const EffectBadge = ({ effect }: { effect: 'read' | 'write' }) =>
  effect === 'write' ? <Badge look="wait">writes</Badge> : <Badge>reads</Badge>;
