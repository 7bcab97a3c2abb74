import { effectByWords } from '@errand/contracts';
import { type Figures, round, type Scenario } from './figures.ts';
import { readOperationLists } from './operation-lists.ts';

export const effects: Scenario = {
  name: 'effects',
  goal: { processorMsPer1000: '<= 5 on an idle machine', hits: 'a person reads each of them' },
};

/**
 * Which operations of real documents get an effect other than their method implies, by their names alone.
 * @param file JSON, which may be gzipped: `{"documents": {"name": [[method, path, operationId], …]}}`
 * @param print writes a line for each of them
 */
export function measureEffects(file: string | undefined, print: (line: object) => void): Figures {
  const { documents } = readOperationLists(file);
  const perDocument: Record<string, { gets: number; writes: number; posts: number; queries: number }> = {};
  let cpuMs = 0;
  let count = 0;
  for (const [document, operations] of Object.entries(documents)) {
    const before = process.cpuUsage();
    const judged = operations.map(([method, path, id]) => {
      const reads = method === 'GET' || method === 'HEAD';
      const operation = id ?? `${method.toLowerCase()}_${path}`;
      return { method, path, operation, effect: effectByWords({ operation, method, path }, reads ? 'read' : 'write') };
    });
    const { user, system } = process.cpuUsage(before);
    cpuMs += (user + system) / 1000;
    count += judged.length;
    const of = (method: string) => judged.filter((operation) => operation.method === method);
    const hits = judged.filter(({ effect }) => effect !== undefined);
    for (const hit of hits) print({ document, ...hit });
    const [writes, queries] = ['write', 'read'].map(
      (effect) => hits.filter((operation) => operation.effect === effect).length,
    );
    perDocument[document] = { gets: of('GET').length, writes: writes!, posts: of('POST').length, queries: queries! };
  }
  return { operations: count, perDocument, processorMsPer1000: round((cpuMs * 1000) / count) };
}
