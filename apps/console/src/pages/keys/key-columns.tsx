import { Button } from '../../controls/button.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import type { Column } from '../../manage/list-view.tsx';
import type { ApiKey, KeyDialogName } from './key-dialogs.tsx';

const isEnded = ({ revokedAt, expiresAt }: ApiKey): boolean =>
  revokedAt !== undefined || (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now());

export const keyColumns = (open: (name: KeyDialogName, apiKey: ApiKey) => void): Column<ApiKey>[] => [
  {
    name: 'Name',
    isMain: true,
    cell: ({ name, prefix, last4, product }) => (
      <span className="flex min-w-0 flex-col">
        <span className="font-semibold">
          <Text>{name}</Text>
        </span>
        <code className="font-mono text-sm text-dim">{`${prefix}…${last4}`}</code>
        {product !== undefined && <span className="text-dim">of the product {product}</span>}
      </span>
    ),
  },
  { name: 'Scopes', cell: ({ scopes }) => <span className="text-dim">{scopes.join(', ')}</span> },
  { name: 'Made by', cell: ({ madeBy }) => <Text>{madeBy?.label ?? 'unknown'}</Text> },
  { name: 'Created', cell: ({ createdAt }) => <Ago at={createdAt} /> },
  {
    name: 'Last used',
    cell: ({ lastUsedAt, lastUsedIp }) =>
      lastUsedAt === undefined ? (
        <span className="text-dim">never</span>
      ) : (
        <span title={lastUsedIp && `from ${lastUsedIp}`}>
          <Ago at={lastUsedAt} />
        </span>
      ),
  },
  { name: 'Ends', cell: (apiKey) => <Ends apiKey={apiKey} /> },
  { name: '', cell: (apiKey) => <RowButtons apiKey={apiKey} open={(name) => open(name, apiKey)} /> },
];

function Ends({ apiKey: { revokedAt, expiresAt } }: { apiKey: ApiKey }) {
  if (revokedAt !== undefined)
    return (
      <span className="text-bad">
        revoked <Ago at={revokedAt} />
      </span>
    );
  if (expiresAt === undefined) return <span className="text-dim">never</span>;
  const isOver = Date.parse(expiresAt) <= Date.now();
  return (
    <span className={isOver ? 'text-bad' : ''}>
      {isOver && 'expired '}
      <Ago at={expiresAt} />
    </span>
  );
}

function RowButtons({ apiKey, open }: { apiKey: ApiKey; open: (name: KeyDialogName) => void }) {
  if (isEnded(apiKey)) return null;
  const { name } = apiKey;
  return (
    <span className="flex flex-wrap gap-1 sm:flex-nowrap sm:justify-end">
      <Button look="quiet" aria-label={`Rename ${name}`} onClick={() => open('rename')}>
        Rename
      </Button>
      <Button look="quiet" aria-label={`Rotate ${name}`} onClick={() => open('rotate')}>
        Rotate
      </Button>
      <Button look="quiet" className="!text-bad" aria-label={`Revoke ${name}`} onClick={() => open('revoke')}>
        Revoke
      </Button>
    </span>
  );
}
