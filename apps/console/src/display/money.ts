// Costs for people.
/** An amount in its currency. Small ones have four digits after the point. */
export function money({ amount, currency }: { amount: number; currency: string }): string {
  const digits = amount < 1 ? 4 : 2;
  try {
    return amount.toLocaleString(undefined, { style: 'currency', currency, maximumFractionDigits: digits });
  } catch {
    // The operator's price table may name any currency.
    return `${amount.toFixed(digits)} ${currency}`;
  }
}
