import { Link2, Link2Off } from 'lucide-react';
import { useAtNow } from '../../display/time.tsx';
import type { AuditEntry } from './entry.ts';

/** An entry joins the chain within seconds. After this time a missing seal is a fault. */
const GRACE_MS = 300_000;

/** The number of an entry in the chain, or why it has none. */
export function SealMark({ entry: { seal, at } }: { entry: Pick<AuditEntry, 'seal' | 'at'> }) {
  if (!seal) return <Unsealed at={at} />;
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap text-dim" title={`Hash ${seal.hash}`}>
      <Link2 size={13} aria-hidden="true" />
      {seal.seq.toLocaleString()}
    </span>
  );
}

function Unsealed({ at }: { at: string }) {
  const mayStillJoin = useAtNow((now) => now - Date.parse(at) < GRACE_MS);
  if (mayStillJoin) return <span className="text-dim">in some seconds</span>;
  return (
    <span className="inline-flex items-center gap-1 font-semibold text-bad">
      <Link2Off size={13} aria-hidden="true" />
      outside the chain
    </span>
  );
}
