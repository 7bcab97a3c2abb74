// The chain of hashes over the audit log. This code runs in browsers and in Node, and loads no schema.
import type { AuditChain, AuditEntry } from './audit.ts';

type Position = AuditChain['head'];

/** The position before the first entry. */
export const CHAIN_START: Position = { seq: 0, hash: '0'.repeat(64) };

/** gap: entries before it are missing. deleted: it has no entry. changed: the entry was changed, or moved from another position. */
export type ChainFault = { seq: number; auditId: string; fault: 'gap' | 'deleted' | 'changed' };

/** The text of which the SHA-256 is the hash of an entry: JSON without spaces, with sorted members. @param position its number, and the hash before it */
export function sealedText(workspaceId: string, entry: AuditEntry, { seq, hash: before }: Position): string {
  const { auditId, actor, action, target, details, at } = entry;
  const { type: actorType, id: actorId = null, label: actorLabel, ip: actorIp = null } = actor;
  const row = { workspaceId, auditId, actorType, actorId, actorLabel, actorIp, action, target, details, at };
  return JSON.stringify({ ...row, seq, before }, sortMembers);
}

function sortMembers(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/**
 * Verifies the next links of a chain. Each link is checked with the stored hash before it, so that a fault does not hide or cause others.
 * @param before the last link of the previous page
 * @param digest returns the SHA-256 of the UTF-8 of a text, in hexadecimal
 */
export async function faultsOfLinks(
  { workspaceId, links }: Pick<AuditChain, 'workspaceId' | 'links'>,
  before: Position,
  digest: (text: string) => string | Promise<string>,
): Promise<ChainFault[]> {
  const textOf = (entry: AuditEntry, position: Position) => sealedText(workspaceId, entry, position);
  const faults = await Promise.all(
    links.map(async (link, index): Promise<ChainFault[]> => {
      const previous = links[index - 1] ?? before;
      const kinds: ChainFault['fault'][] = link.seq === previous.seq + 1 ? [] : ['gap'];
      if (!link.entry) kinds.push('deleted');
      else if ((await digest(textOf(link.entry, { seq: link.seq, hash: previous.hash }))) !== link.hash)
        kinds.push('changed');
      return kinds.map((fault) => ({ seq: link.seq, auditId: link.auditId, fault }));
    }),
  );
  return faults.flat();
}
