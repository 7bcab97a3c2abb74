import { readFileSync } from 'node:fs';
import type { Member } from './member.ts';

const PAGE = new URL('../../docs/failover.md', import.meta.url);

/** The configuration of docs/failover.md with other addresses. */
export function haproxyOf(address: string, members: readonly Member[]): string {
  const block = /```haproxy\n([^`]*)```/.exec(readFileSync(PAGE, 'utf8'))?.[1];
  if (!block) throw new Error('docs/failover.md has no configuration of HAProxy.');
  let text = block.replace(/^(\s*bind ).*$/m, `$1${address}`);
  for (const member of members) {
    const { port } = new URL(member.restUrl);
    text = text.replace(
      new RegExp(`^(\\s*server ${member.name} )\\S+( .*port )\\d+`, 'm'),
      `$1${member.address}$2${port}`,
    );
  }
  return text;
}
