import type { PlanStep } from '@errand/contracts';
import { canonicalJson } from '../canonical-json.ts';

/** A text that is equal for equal steps. */
export const stepText = ({ id, tool, args, forEach, when, unless, pages }: PlanStep): string =>
  canonicalJson([id, tool, args, forEach ?? null, when ?? null, unless ?? null, pages ?? null]);
