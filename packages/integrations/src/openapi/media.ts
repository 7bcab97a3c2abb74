import { isNode, type Node } from './document/document.ts';

export type Media = { type: string; kind: 'json' | 'form' | 'multipart' | 'text'; node: Node };

const bare = (type: string): string => (type.split(';')[0] ?? '').trim().toLowerCase();

function kindOf(type: string): Media['kind'] | undefined {
  const name = bare(type);
  if (name === 'application/json' || name.endsWith('+json') || name === '*/*' || name === 'application/*')
    return 'json';
  if (name === 'application/x-www-form-urlencoded') return 'form';
  if (name === 'multipart/form-data') return 'multipart';
  if (name.startsWith('text/')) return 'text';
  return undefined;
}

const rank = ['json', 'form', 'multipart', 'text'];

/** The media types of a `content` that can be sent or read, JSON first. */
export function mediaOf(content: unknown): Media[] {
  const all = Object.entries(isNode(content) ? content : {}).flatMap(([range, node]): Media[] => {
    const kind = kindOf(range);
    if (!kind) return [];
    const type = range.includes('*') ? (kind === 'json' ? 'application/json' : 'text/plain') : range;
    return [{ type, kind, node: isNode(node) ? node : {} }];
  });
  return all.sort((a, b) => rank.indexOf(a.kind) - rank.indexOf(b.kind));
}
