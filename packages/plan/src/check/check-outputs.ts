import { type Reading, ROOTS, type Site } from '../reading/reading.ts';
import type { Analysis } from '../sandbox/expression/expression.ts';
import { plainPath } from '../sandbox/plain-path.ts';
import type { Complaint } from './complaint.ts';
import { type DescribedOutputs, typesAt } from './described.ts';
import { nearest } from './nearest.ts';

const MAX_DOUBTS = 20;
const AGAIN = ' If you know better, give the same plan again.';

/** Members that expressions read and that the tools' output schemas lack. These are doubts: a service may return more than it describes. */
export function checkOutputs({ sites, analyses }: Reading, described: DescribedOutputs): Complaint[] {
  const doubts = new Map<string, Complaint>();
  for (const site of sites) {
    const analysis = analyses.get(site.expression)!;
    const messages = analysis.ok ? messagesOf(analysis, described) : [];
    if (site.part === 'when' || site.part === 'unless') messages.push(...notTruth(site, described));
    for (const message of messages) {
      const whole = `\`${site.expression}\`: ${message}${AGAIN}`;
      doubts.set(`${site.pointer} ${whole}`, { pointer: site.pointer, message: whole });
    }
  }
  return [...doubts.values()].slice(0, MAX_DOUBTS);
}

function messagesOf({ members }: Analysis & { ok: true }, described: DescribedOutputs): string[] {
  return members.flatMap((path) => {
    const location = described.look(path);
    if (!location || !('absent' in location)) return [];
    const { absent, known: members, tool } = location;
    // A bare root there has its own complaint.
    if (ROOTS.has(absent)) return [];
    const count = absent === 'length' ? ' For the number of items write $count(…).' : nearest(absent, members);
    return [`${tool.name} is not described to return ${absent} there.${count}`];
  });
}

function notTruth({ part, expression }: Site, described: DescribedOutputs): string[] {
  const path = plainPath(expression)?.filter((part) => typeof part === 'string');
  const location = path && described.look(path);
  if (!location || 'absent' in location) return [];
  const types = typesAt(location.there, location.tool.outputSchema!);
  if (types === undefined || types.has('boolean')) return [];
  return [`${part} must give true or false, and this is described as ${[...types].join(' or ')}: write a comparison.`];
}
