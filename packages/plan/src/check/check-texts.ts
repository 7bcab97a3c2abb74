import type { Json, Plan } from '@errand/contracts';
import { ROOTS } from '../analysis/plan-analysis.ts';
import { leavesOf } from '../template/template.ts';
import { parseText, UNCLOSED_BRACES } from '../template/text.ts';
import { type Complaint, createDoubt, type Doubt } from './complaint.ts';

const TEMPLATES = /\{\{((?:[^{}]|\{[^{}]*\})*)\}\}|\$\{([^{}]*)\}/g;
const FIRST_NAME = /^\s*(?:\$\$?\.)?([A-Za-z_]\w*)/;
const FUNCTION = /^\s*(?:now\s*~>|\$(?:now|millis|dateAdd|startOf|count|sum|string|join|lookup|substring\w*)\s*\()/;
const OF_STEP = /(?<![\w.])steps\.([A-Za-z]\w*)/g;
const OF_ITEM = /^\s*item(?:\.\w+|\[\d+\])+\s*$/;

const REMEDY =
  'A text is sent as it stands. Write {"$text": "Call {{steps.deals.output.name}}"} for a text with values in it, {"$": "…"} for a value alone.';
const INSIST = 'If these signs are to be sent, give the same plan again.';

/**
 * Texts of a plan that look like uncomputed expressions: `{{steps.a.output.name}}`, `\${…}`, `'Call ' & steps.a.output.name`.
 * @returns `complaints`; `doubts` about templates that may be meant for the service (`Dear {{first_name}}`)
 */
export function checkTexts(plan: Plan): { complaints: Complaint[]; doubts: Doubt[] } {
  const complaints: Complaint[] = [];
  const doubts: Doubt[] = [];
  const ids = plan.steps.map(({ id }) => id);
  const check = (template: Json, at: string, perItem: boolean): void => {
    for (const { pointer, hole, value } of leavesOf(template, at)) {
      if (hole?.kind === 'text' && parseText(hole.text) === undefined)
        complaints.push({ pointer, message: `In this text ${UNCLOSED_BRACES}.` });
      const suspect = typeof value === 'string' ? findUncomputed(value, ids, perItem) : undefined;
      const why = `${suspect?.text} is not computed here. ${REMEDY}`;
      if (suspect?.isSure) complaints.push({ pointer, message: why });
      else if (suspect) doubts.push(createDoubt(pointer, why, undefined, INSIST));
    }
  };
  for (const [index, step] of plan.steps.entries()) {
    check(step.args, `/steps/${index}/args`, step.forEach !== undefined);
    if (typeof step.say === 'string') check(step.say, `/steps/${index}/say`, false);
  }
  check(plan.result ?? null, '/result', false);
  return { complaints, doubts };
}

/** The part of a text that looks like an expression; `isSure` if it names something only a plan has. */
type Suspect = { text: string; isSure: boolean };

function findUncomputed(text: string, ids: readonly string[], perItem: boolean): Suspect | undefined {
  let suspect: string | undefined;
  for (const [whole, braces, dollar] of text.matchAll(TEMPLATES)) {
    const inside = braces ?? dollar ?? '';
    const first = FIRST_NAME.exec(inside)?.[1];
    const isPlanName = first !== undefined && (ROOTS.has(first) || ids.includes(first));
    if (isPlanName || FUNCTION.test(inside)) return { text: whole.slice(0, 80), isSure: true };
    suspect ??= whole.slice(0, 80);
  }
  const named = [...text.matchAll(OF_STEP)].find(([, id]) => ids.includes(id!));
  if (named) return { text: named[0], isSure: true };
  if (FUNCTION.test(text) || (perItem && OF_ITEM.test(text))) return { text: text.trim().slice(0, 80), isSure: true };
  return suspect === undefined ? undefined : { text: suspect, isSure: false };
}
