import { Text } from '../../../display/text.tsx';
import { Facts } from '../../../manage/facts.tsx';
import { authTexts } from '../auth-fields.ts';
import { type Draft, draftOfService, type Kind, type Source, waysOf } from '../draft.ts';

const KIND_TEXTS: Readonly<Record<Kind, string>> = {
  openapi: 'HTTP service',
  mcp: 'MCP server',
};

type ServiceFactsProps = { source: Source & { from: 'catalog' }; onChange: (draft: Draft) => void };

/** The facts of an entry of the catalogue. */
export function ServiceFacts({ source: { service, kind }, onChange }: ServiceFactsProps) {
  const { description, kinds, notes, unverified } = service;
  return (
    <div className="flex min-w-0 flex-col gap-6">
      <p className="max-w-3xl">
        <Text>{description}</Text>
      </p>
      {kinds.length > 1 && (
        <fieldset className="flex flex-wrap gap-4">
          <legend className="mb-1 font-semibold">Use its</legend>
          {kinds.map((each) => (
            <label key={each} className="flex items-center gap-1.5">
              <input
                type="radio"
                name="kind"
                checked={each === kind}
                onChange={() => onChange(draftOfService(service, each))}
              />
              {KIND_TEXTS[each]}
            </label>
          ))}
        </fieldset>
      )}
      <Facts facts={factsOf(service, kind)} />
      {notes.length > 0 && <Lines title="Notes" lines={notes} />}
      {unverified.length > 0 && (
        <p className="max-w-3xl text-wait">
          These facts come from third parties and may be wrong: {unverified.join(', ')}. Try the service before you
          depend on it.
        </p>
      )}
    </div>
  );
}

function factsOf(service: (Source & { from: 'catalog' })['service'], kind: Kind) {
  const { baseUrl, documents, mcpUrl, recommended, recommendedCount, checkedAt } = service;
  const ways = waysOf(service, kind).map(({ type, title }) => title ?? authTexts[type]);
  const addresses = kind === 'mcp' ? (mcpUrl ?? '') : documents.join('\n');
  return [
    ['Protocol', KIND_TEXTS[kind]],
    ...(kind === 'openapi' && baseUrl !== undefined
      ? [['Calls go to', <Address key="base" text={baseUrl} />] as const]
      : []),
    ...(addresses === ''
      ? []
      : [[kind === 'mcp' ? 'Server' : 'Documents', <Address key="documents" text={addresses} />] as const]),
    ['Credential', ways.join('; ')],
    ...(kind === 'openapi'
      ? [
          [
            'Recommended tools',
            <span key="tools" className="break-words">
              {recommendedCount}
              {recommended.length > 0 && (
                <>
                  : <Text>{recommended.join(', ')}</Text>
                </>
              )}
            </span>,
          ] as const,
        ]
      : []),
    ['Checked on', checkedAt],
  ] as const;
}

const Address = ({ text }: { text: string }) => (
  <span className="break-all whitespace-pre-line">
    <Text>{text}</Text>
  </span>
);

const Lines = ({ title, lines }: { title: string; lines: readonly string[] }) => (
  <div>
    <h3 className="font-semibold">{title}</h3>
    <ul className="list-disc pl-5">
      {lines.map((line) => (
        <li key={line} className="break-words">
          <Text>{line}</Text>
        </li>
      ))}
    </ul>
  </div>
);
