// The filter and the opened delivery of a webhook, as they stand in the address.
export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
export type WebhookSearch = { state?: DeliveryState; delivery?: string };

export function searchOf({ state, delivery }: Record<string, unknown>): WebhookSearch {
  const known = DELIVERY_STATES.find((each) => each === state);
  return { ...(known && { state: known }), ...(typeof delivery === 'string' && { delivery }) };
}
