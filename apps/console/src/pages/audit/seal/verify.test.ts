import { createHash } from 'node:crypto';
import { sealedText } from '@errand/contracts/audit-chain';
import { expect, test } from 'vitest';
import { type Chain, type Position, startAt, verifyChain } from './verify.ts';

type Link = Chain['links'][number];
const WORKSPACE = '0192f0c1-7a30-7b22-8c41-2d9e6f1a5b02';
const digest = async (text: string) => createHash('sha256').update(text).digest('hex');

async function chainOf(count: number): Promise<Link[]> {
  const links: Link[] = [];
  let hash = '0'.repeat(64);
  for (let seq = 1; seq <= count; seq++) {
    const auditId = `0192f0c1-7a60-7a11-9c01-${String(seq).padStart(12, '0')}`;
    const actor = { type: 'system' as const, label: 'errand' };
    const at = new Date(seq).toISOString();
    const entry = { auditId, actor, action: 'audit.read' as const, target: `t${seq}`, details: { b: 1, a: ['é'] }, at };
    hash = await digest(sealedText(WORKSPACE, entry, { seq, hash }));
    links.push({ seq, hash, auditId, entry });
  }
  return links;
}

/** A service that returns pages of `pageSize` links. */
async function verify(
  links: readonly Link[],
  {
    from = startAt(),
    seen,
    pageSize = 4,
  }: { from?: ReturnType<typeof startAt>; seen?: Position; pageSize?: number } = {},
) {
  const { seq, hash } = links.at(-1) ?? startAt().head;
  const reads: number[] = [];
  const progress = await verifyChain({
    read: async (afterSeq) => {
      reads.push(afterSeq);
      const page = links.filter((link) => link.seq > afterSeq).slice(0, pageSize);
      return { workspaceId: WORKSPACE, links: page, head: { seq, hash } };
    },
    digest,
    from,
    seen,
    onProgress: () => {},
  });
  return { ...progress, reads, found: progress.faults.map(({ seq: at, fault }) => `${at} ${fault}`) };
}

test('an intact chain is verified page by page, up to its head', async () => {
  const links = await chainOf(10);
  expect(await verify(links)).toMatchObject({ checked: 10, last: { seq: 10 }, faultCount: 0, reads: [0, 4, 8] });
  expect(await verify([])).toMatchObject({ checked: 0, faultCount: 0, reads: [0] });
});

const changed = (links: Link[], seq: number, change: Partial<Link>) =>
  links.map((link) => (link.seq === seq ? { ...link, ...change } : link));

test.each<[string, (links: Link[]) => Link[], string[]]>([
  ['a changed entry', (links) => changed(links, 5, { entry: { ...links[4]!.entry!, target: 'x' } }), ['5 changed']],
  [
    'a deleted entry',
    (links) => links.map(({ entry, ...link }) => (link.seq === 5 ? link : { ...link, entry: entry! })),
    ['5 deleted'],
  ],
  ['a missing link', (links) => links.filter(({ seq }) => seq !== 5), ['6 gap', '6 changed']],
  [
    'entries in another order',
    (links) => changed(changed(links, 4, { entry: links[4]!.entry! }), 5, { entry: links[3]!.entry! }),
    ['4 changed', '5 changed'],
  ],
])('%s is told by its number', async (_, tamper, expected) => {
  expect((await verify(tamper(await chainOf(10)))).found).toEqual(expected);
});

test('a chain that was cut or made again is told by the link that was seen before', async () => {
  const links = await chainOf(10);
  const { seq, hash } = links[7]!;
  const seen = { seq, hash };
  expect((await verify(links, { seen })).found).toEqual([]);
  expect((await verify(links.slice(0, 5), { seen })).found).toEqual(['8 cut']);
  expect((await verify([], { seen })).found).toEqual(['8 cut']);
  expect((await verify(links, { seen: { seq: 8, hash: 'f'.repeat(64) } })).found).toEqual(['8 rewritten']);
  expect((await verify(links.slice(0, 8), { seen: { seq: 8, hash: 'f'.repeat(64) } })).found).toEqual(['8 rewritten']);
});

test('what is new is verified after the link that was seen', async () => {
  const links = await chainOf(10);
  const { seq, hash } = links[7]!;
  const from = startAt({ seq, hash });
  expect(await verify(links, { from, seen: { seq, hash } })).toMatchObject({ checked: 2, faultCount: 0, reads: [8] });
  const rewritten = { seq, hash: 'f'.repeat(64) };
  expect((await verify(links, { from: startAt(rewritten), seen: rewritten })).found).toEqual(['9 changed']);
  expect((await verify(links.slice(0, 8), { from: startAt(rewritten), seen: rewritten })).found).toEqual([
    '8 rewritten',
  ]);
});

test('of very many faults the first are kept, and all are counted', async () => {
  const links = (await chainOf(300)).map(({ entry: _, ...link }) => link);
  const { faults, faultCount } = await verify(links, { pageSize: 1000 });
  expect([faults.length, faultCount]).toEqual([100, 300]);
});
