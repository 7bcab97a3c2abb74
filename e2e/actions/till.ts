// A service that pays, and actions made from its runs.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { aRun, whole } from '../fixtures/builders.ts';
import { type Office, openOffice } from '../fixtures/office.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

export const USER = 'user-123';
export const aKey = () => `k-${randomUUID()}`;

/** A refusal, with the parts that it names. */
export const refused = (status: number, code: string, ...pointers: string[]) => ({
  status,
  problem: {
    code,
    ...(pointers.length > 0 && { errors: pointers.map((pointer) => ({ pointer, message: expect.any(String) })) }),
  },
});

/** Creates a run and follows it to its end. */
export const done = async (api: Api, more: object) =>
  whole(await api.runs.create(aRun({ prefer: 'wait=20', ...more })));

export type Till = Office & {
  crm: string;
  /** The bodies of the payment requests. */
  sent(): { amount: number; to: string }[];
  /** A run that pays 25 to Ana, as its intent says. */
  payment(api: Api, more?: object): ReturnType<typeof done>;
  /** Makes an action from a run. @returns its key */
  payAction(api: Api): Promise<string>;
};

export async function openTill(): Promise<Till> {
  const office = await openOffice({ seed: true });
  const all = (await overRest(office.stack).integrations.list({})).integrations;
  const reason = 'Ana gets 25';
  const payment = (api: Api, more: object = {}) =>
    done(api, {
      intent: 'Pay 25 to Ana',
      plan: {
        goal: 'Pay Ana',
        steps: [{ id: 'pay', tool: `${office.id}.pay`, args: { body: { amount: 25, to: 'Ana' } }, reason }],
      },
      ...more,
    });
  return {
    ...office,
    crm: all.find(({ name }) => name === 'CRM')!.customerIntegrationId,
    sent: () => office.stub.hits.map(({ body }) => JSON.parse(body)),
    payment,
    async payAction(api) {
      const key = aKey();
      await api.actions.keep({ key, runId: (await payment(api)).runId });
      return key;
    },
  };
}
