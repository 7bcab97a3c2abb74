// Units of measure: what a number counts, and how it is told in another unit of the same kind.

/** Each line: one kind; words of a unit apart by spaces, then how many of the first unit it is. */
const UNITS = `
length: m metre metres meter meters =1, cm centimetre centimetres centimeter centimeters =0.01, mm millimetre millimetres millimeter millimeters =0.001, km kilometre kilometres kilometer kilometers =1000, ft foot feet =0.3048, mi mile miles =1609.344
mass: kg kilo kilos kilogram kilograms =1, g gram grams gramme grammes =0.001, mg milligram milligrams =0.000001, t ton tons tonne tonnes =1000, lb lbs =0.45359237
volume: l litre litres liter liters =1, ml millilitre millilitres milliliter milliliters =0.001, cl centilitre centilitres =0.01
money: euro euros eur € =1, dollar dollars usd $ =1, pound pounds gbp £ =1, franc francs chf =1, krone kroner nok dkk krona kronor sek =1, zloty pln =1, yen jpy ¥ =1, rupees inr =1, cent cents pence øre ore öre =0.01
energy: kwh =1, wh =0.001, mwh =1000
temperature: degrees degree celsius °c =1
share: percent % =1
`;

type Unit = { kind: string; factor: number; currency?: string };
const units = new Map<string, Unit>();
for (const line of UNITS.trim().split('\n')) {
  const [kind = '', list = ''] = line.split(': ');
  for (const entry of list.split(', ')) {
    const [names = '', factor] = entry.split(' =');
    const currency = kind === 'money' && factor === '1' ? names : undefined;
    for (const name of names.split(' ')) units.set(name, { kind, factor: Number(factor), currency });
  }
}

/** The unit of a word; a short one must be written as short ones are. */
export const unitOf = (word: string): Unit | undefined => units.get(word.toLowerCase());

/**
 * What a number in a unit is in the unit that words speak of; the number itself where they speak of none, nothing where they
 * speak of another kind.
 * @param strictly nothing, too, where they speak of no unit
 */
export function inUnitOf(number: number, unit: string, said: readonly string[], strictly = false): number | undefined {
  // A number that is too large to be told.
  if (!Number.isFinite(number)) return undefined;
  const own = unitOf(unit);
  const others = said.flatMap((word) => unitOf(word) ?? []);
  if (own === undefined) return number;
  const same = others.filter(({ kind }) => kind === own.kind);
  if (same.length === 0) return strictly || others.length > 0 ? undefined : number;
  // Euros are no pounds.
  const currencies = same.flatMap(({ currency }) => currency ?? []);
  if (own.currency !== undefined && currencies.length > 0 && !currencies.includes(own.currency)) return undefined;
  // "Euro cents" are cents.
  const factor = own.kind === 'money' ? Math.min(...same.map((one) => one.factor)) : same[0]!.factor;
  return Number(((number * own.factor) / factor).toPrecision(12));
}

/** The ISO code of the currency that a word names: "pounds" are GBP; kroner may be those of several countries. */
export function currencyOf(word: string): string | undefined {
  const names = unitOf(word)?.currency?.split(' ') ?? [];
  const codes = names.filter((one) => /^[a-z]{3}$/.test(one) && one !== 'yen');
  const code = codes.includes(word.toLowerCase()) ? word : codes.length === 1 ? codes[0] : undefined;
  return code?.toUpperCase();
}

/** Whether words speak of cents or pence: a number that tells no unit may be meant in euros or pounds. */
export const isInCents = (said: readonly string[]): boolean =>
  said.some((word) => {
    const unit = unitOf(word);
    return unit?.kind === 'money' && unit.factor < 1;
  });
