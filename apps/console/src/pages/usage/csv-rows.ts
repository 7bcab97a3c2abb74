import { keyText } from './key-names.ts';
import type { UsageReport } from './use-usage.ts';

/** The rows of the table, with all numbers as the service has them. */
export const csvRowsOf = ({ by, rows }: UsageReport, names: ReadonlyMap<string, string>) =>
  rows.map((row) => {
    const { key, other, requester, cost, phases = {}, timeToDecide, ...numbers } = row;
    const ofPhase = (name: keyof typeof phases) => ({
      [`${name}P50Ms`]: phases[name]?.p50Ms,
      [`${name}P95Ms`]: phases[name]?.p95Ms,
    });
    return {
      [by]: other ? 'other' : key,
      name: keyText(by, row, names),
      ...numbers,
      cost: cost?.amount,
      currency: cost?.currency,
      ...ofPhase('queued'),
      ...ofPhase('planning'),
      ...ofPhase('calls'),
      ...ofPhase('waiting'),
      ...(timeToDecide && { decideP50Ms: timeToDecide.p50Ms, decideP95Ms: timeToDecide.p95Ms }),
    };
  });
