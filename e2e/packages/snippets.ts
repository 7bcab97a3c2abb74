import { readFile } from 'node:fs/promises';

export type Snippet = { file: string; code: string; gives: RegExp | undefined; serves: boolean };

/**
 * The TypeScript of a README. Comments before a block name its file (`file: server.ts`), its output (`gives: 200`, a regular expression), or
 * say that it does not end (`serves`).
 * @param name of the files of blocks that have no name
 */
export async function snippetsOf(path: string, name: string): Promise<Snippet[]> {
  const text = await readFile(path, 'utf8');
  const blocks = text.matchAll(/((?:<!-- .+ -->\n)*)```(tsx?)\n([\s\S]*?)```/g);
  return [...blocks].map(([, comments = '', language, code = ''], i) => {
    const comment = (key: string) => new RegExp(`<!-- ${key}: (.+) -->`).exec(comments)?.[1];
    const gives = comment('gives');
    return {
      file: comment('file') ?? `${name}-${i}.${language}`,
      code,
      gives: gives === undefined ? undefined : new RegExp(gives, 'ms'),
      serves: comments.includes('<!-- serves -->'),
    };
  });
}
