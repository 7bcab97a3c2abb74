import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema } from '@errand/contracts';
import { resolved } from '../../schema/schema-at.ts';
import type { DescribedOutputs } from '../described.ts';
import { type Doubt, doubtOf } from './doubt.ts';
import type { PlacedUse } from './lists.ts';
import { isMoment } from './literals.ts';

/** The beginning of a moment: it compares correctly with earlier and later moments. */
const BEGINS = /^\d{4}(?:-\d\d)?$/;

/** Comparisons that the described type cannot satisfy: another choice, a date in words, a text with a number. */
export function comparisons(uses: readonly PlacedUse[], described: DescribedOutputs): Doubt[] {
  return uses.flatMap(({ path, by, value, sign, site }) => {
    const location = by === 'compare' && described.look(path);
    if (!location || 'absent' in location || location.there.length !== 1 || value === undefined) return [];
    const root = location.tool.outputSchema!;
    const schema = resolved(location.there[0], root);
    // `'a' in tags` compares with the items of tags.
    const single =
      isRecord(schema) && sign === 'in' && schema.items !== undefined ? resolved(schema.items, root) : schema;
    const remedy = isRecord(single) && misfit(single, value, sign!);
    if (!remedy) return [];
    const why = `${path.at(-1)} ${sign} ${JSON.stringify(value).slice(0, 200)} compares with what ${path.at(-1)} is not described to be.`;
    return [doubtOf(site.pointer, why, remedy)];
  });
}

function misfit(schema: JsonSchema, value: string | number | boolean, sign: string): string | undefined {
  const choices = Array.isArray(schema.enum) ? schema.enum : undefined;
  const isEquality = ['=', '!=', 'in'].includes(sign);
  if (choices && isEquality && !choices.includes(value)) {
    const listed = choices.slice(0, 20).map((choice) => JSON.stringify(choice).slice(0, 60));
    return `It is one of ${listed.join(', ')}, in exactly this spelling.`;
  }
  const types = [schema.type].flat().filter((type) => type !== 'null');
  const only = types.length === 1 ? types[0] : undefined;
  const ofText = typeof value === 'string' ? misfitOfText(schema, value, { types, isEquality }) : undefined;
  if (ofText !== undefined) return ofText;
  if (typeof value === 'number' && only === 'string')
    return 'It is a text: compare with a text, or convert it by $number(…).';
  return only === 'object' || only === 'array' ? 'It is no single value: compare a member of it.' : undefined;
}

function misfitOfText(
  { format }: JsonSchema,
  value: string,
  { types, isEquality }: { types: readonly unknown[]; isEquality: boolean },
): string | undefined {
  const isTime = format === 'date-time' || format === 'date';
  if (isTime && !isMoment(value) && (isEquality || !BEGINS.test(value)))
    return 'It is an ISO-8601 text: compare with one, or with a moment computed from now.';
  if (types.length > 0 && types.every((type) => type === 'number' || type === 'integer'))
    return 'It is a number: compare with a number, without quotes.';
  return types.length === 1 && types[0] === 'boolean' ? 'It is true or false: compare without quotes.' : undefined;
}
