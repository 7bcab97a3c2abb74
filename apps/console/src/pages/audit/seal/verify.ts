// Verifies the chain of the audit log page by page. It keeps one page, so its memory does not grow with the log.
import type { Outputs } from '@errand/client/console';
import { CHAIN_START, type ChainFault, faultsOfLinks } from '@errand/contracts/audit-chain';

export type Chain = Outputs['audit']['chain'];
export type Position = Chain['head'];
type Entry = NonNullable<Chain['links'][number]['entry']>;

/** cut: the chain ends before a link that this browser saw. rewritten: a link has another hash than this browser saw. */
export type Fault = {
  seq: number;
  fault: ChainFault['fault'] | 'cut' | 'rewritten';
  auditId?: string;
  /** The entry as it reads now. */
  entry?: Pick<Entry, 'action' | 'at'> & { by: string };
};

export type Progress = {
  checked: number;
  last: Position;
  head: Position;
  /** The first ones. */
  faults: readonly Fault[];
  faultCount: number;
};

const MAX_FAULTS = 100;

export const startAt = (last: Position = CHAIN_START): Progress => ({
  checked: 0,
  last,
  head: last,
  faults: [],
  faultCount: 0,
});

type Options = {
  read: (afterSeq: number) => Promise<Chain>;
  digest: (text: string) => Promise<string>;
  from: Progress;
  /** A link that must still be in the chain. */
  seen: Position | undefined;
  onProgress: (progress: Progress) => void;
};

/** @returns the progress at the head of the chain */
export async function verifyChain({ read, digest, from, seen, onProgress }: Options): Promise<Progress> {
  let progress = from;
  for (;;) {
    const chain = await read(progress.last.seq);
    const { links, head } = chain;
    const found = [...(await faultsOfPage(chain, progress.last, digest)), ...faultsOfSeen(chain, seen)];
    const { seq, hash } = links.at(-1) ?? progress.last;
    progress = {
      checked: progress.checked + links.length,
      last: { seq, hash },
      head,
      faults: [...progress.faults, ...found].slice(0, MAX_FAULTS),
      faultCount: progress.faultCount + found.length,
    };
    onProgress(progress);
    if (links.length === 0 || seq >= head.seq) return progress;
  }
}

async function faultsOfPage(chain: Chain, last: Position, digest: Options['digest']): Promise<Fault[]> {
  const faults = await faultsOfLinks(chain, last, digest);
  const links = new Map(chain.links.map((link) => [link.seq, link]));
  return faults.map((fault) => {
    const entry = links.get(fault.seq)?.entry;
    return entry ? { ...fault, entry: { action: entry.action, at: entry.at, by: entry.actor.label } } : fault;
  });
}

function faultsOfSeen({ links, head }: Chain, seen: Position | undefined): Fault[] {
  if (!seen) return [];
  if (head.seq < seen.seq)
    return links.length === 0 || links.at(-1)!.seq === head.seq ? [{ seq: seen.seq, fault: 'cut' }] : [];
  const link = links.find(({ seq }) => seq === seen.seq) ?? (links.length === 0 ? head : undefined);
  return link?.seq === seen.seq && link.hash !== seen.hash ? [{ seq: seen.seq, fault: 'rewritten' }] : [];
}
