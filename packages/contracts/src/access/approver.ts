// The approvers of a run, as rows and answers have them.
import { z } from 'zod';
import { flag, oneOf, text } from '../base/fields.ts';
import { type ApproverInput, claimedId, claimedLabel } from './claimed-person.ts';

export const Approver = z
  .object({
    type: oneOf(
      ['person', 'claimed'],
      'person: who signs in to the console. claimed: a person whom a product names.',
      'claimed',
    ),
    id: text(
      'Its id within the type. For claimed: the product, a colon, and the id of the person there.',
      'helpdesk:ben',
    ),
    label: text('Its name, for people; the id if it has none.', 'Ben Okafor, named by helpdesk'),
  })
  .meta({ id: 'Approver', description: 'A person who may decide about a run.' });
export type Approver = z.infer<typeof Approver>;

export const EntryApprover = Approver.extend({
  mayDecide: flag(
    'Whether this person may decide: not one who may no longer decide in the workspace or, under four eyes, who requested the run. If no approver may, the request expires as denied.',
    true,
  ),
}).meta({ id: 'EntryApprover', description: 'A person who may decide about a request.' });
export type EntryApprover = z.infer<typeof EntryApprover>;

/** An approver as the run stores it. Names of people of the console are read later. */
export type StoredApprover = Pick<Approver, 'type' | 'id'> & Partial<Pick<Approver, 'label'>>;

/** @param product of the calling key, if it has one @throws Error for a claimed person without a product */
export function toStoredApprover(approver: ApproverInput, product?: string): StoredApprover {
  if (approver.type === 'person') return { type: 'person', id: approver.id.toLowerCase() };
  const namingProduct = approver.product ?? product;
  if (namingProduct === undefined) throw new Error('A claimed person needs a product.');
  const { id, name = id } = approver;
  return { type: 'claimed', id: claimedId(namingProduct, id), label: claimedLabel(namingProduct, name) };
}
