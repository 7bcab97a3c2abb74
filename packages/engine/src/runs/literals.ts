import type { Json, Plan } from '@errand/contracts';

const MONTHS_AND_DAYS =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|monday|tuesday|wednesday|thursday|friday|saturday|sunday';
const TIME = new RegExp(
  `\\b(?:19|20)\\d\\d[-/.]?(?:\\d\\d(?:[-/.]?\\d\\d)?)?(?!\\d)|\\d{10,}|\\b\\d{1,2}[-/.]\\d{1,2}[-/.]\\d{2,4}\\b|\\b\\d{1,2}:\\d\\d|(?<=T)\\d\\d:\\d\\d|\\b[QH][1-4]\\b|\\b(?:${MONTHS_AND_DAYS})\\b`,
  'giu',
);
const TIME_NAME =
  /year|quarter|month|week|day|date|time|hour|minute|since|until|start|begin|end|from|to$|before|after|due|(?:^|[a-z_])(?:at|on)$/i;

/** The literal values of a plan with their names, and the texts of its expressions. */
function* literalsOf(value: Json | undefined, name = ''): Generator<{ name: string; value: string | number }> {
  if (typeof value === 'string' || typeof value === 'number') yield { name, value };
  else if (Array.isArray(value)) for (const item of value) yield* literalsOf(item, name);
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) yield* literalsOf(member, key === '$' ? name : key);
}

function* literalsOfPlan({ goal, steps, result }: Plan) {
  yield* literalsOf(goal);
  for (const { args, pages, unless, say, when, forEach, reason } of steps)
    yield* literalsOf([args, pages, unless, say, when, forEach, reason].map((part) => part ?? null) as unknown as Json);
  yield* literalsOf(result);
}

/** Whether a plan contains a time that is not literally in `texts`, so that the planner computed it. */
export function containsOtherTime(plan: Plan, texts: string): boolean {
  const lowerTexts = texts.toLowerCase();
  for (const { name, value } of literalsOfPlan(plan)) {
    if (typeof value === 'number' && TIME_NAME.test(name) && !lowerTexts.includes(String(value))) return true;
    for (const [time] of String(value).matchAll(TIME)) if (!lowerTexts.includes(time.toLowerCase())) return true;
  }
  return false;
}

/** Whether a literal of a plan equals a text, or contains it as whole words. */
export function containsText(plan: Plan, text: string): boolean {
  const soughtText = text.trim().toLowerCase();
  if (soughtText === '') return false;
  const edge = (at: string | undefined) => at === undefined || !/[\p{L}\p{N}]/u.test(at);
  for (const { value } of literalsOfPlan(plan)) {
    const lowerValue = String(value).toLowerCase();
    for (let at = lowerValue.indexOf(soughtText); at >= 0; at = lowerValue.indexOf(soughtText, at + 1))
      if (edge(lowerValue[at - 1]) && edge(lowerValue[at + soughtText.length])) return true;
  }
  return false;
}
