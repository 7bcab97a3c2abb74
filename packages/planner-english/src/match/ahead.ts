// What several commands look up is found before the first of them changes anything.
import type { Json } from '@errand/contracts';
import type { Step } from './draft.ts';

/** The bindings of a value. */
const bindingsIn = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, one]) => (key === '$' ? [String(one)] : bindingsIn(one)));

const bindingsOf = ({ args, forEach }: Step): string[] => [
  ...bindingsIn(args.map(({ value }) => value)),
  ...(forEach === undefined ? [] : [forEach]),
];

/**
 * The steps of several commands: all look-ups first, and each change only where the names of all others are found.
 * @param results of the reads that stand before the first change
 */
export function lookedUpFirst(steps: readonly Step[], results: readonly (Json | undefined)[]): readonly Step[] {
  const writes = steps.filter(({ operation }) => !operation.reads);
  if (writes.length === 0) return steps;
  // What hangs on a change cannot be known before it.
  const late = new Set<string>();
  const isLate = (text: string) => [...late].some((id) => text.includes(`steps.${id}`));
  for (const step of steps) if (!step.operation.reads || bindingsOf(step).some(isLate)) late.add(step.id);
  const isEarly = ({ id, purpose }: Step) => purpose === 'lookup' && !late.has(id);
  const mayEnd = (text: string) => text.includes('$refuse(') && !isLate(text);
  const told = bindingsIn(results).filter(mayEnd);
  return [...steps.filter(isEarly), ...steps.filter((step) => !isEarly(step))].map((step) => {
    if (step.operation.reads) return step;
    const own = bindingsOf(step);
    const others = steps.filter((one) => one !== step && one.purpose !== 'lookup').flatMap(bindingsOf);
    const guards = [...new Set([...others.filter(mayEnd), ...told])].filter((text) => !own.includes(text));
    return guards.length === 0 ? step : { ...step, when: `(${[...guards, 'true'].join('; ')})` };
  });
}
