// Persons that a product names with its key: `claimed:<product>:<id of the person in the product>`. Errand trusts the product.
import { z } from 'zod';
import { doc } from '../base/fields.ts';
import { ProductName } from './product.ts';

const MAX_LENGTH = 200;
// Zero-width joiners are letters of some scripts and of emoji. All other format characters can hide or reorder text.
const HIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u;

const printableText = (description: string, example: string) =>
  z
    .string()
    .min(1)
    .max(MAX_LENGTH)
    .refine(
      (value) => value.trim() !== '' && !HIDDEN.test(value),
      'Must have visible characters, and none that hide or reorder text.',
    )
    .meta(doc(description, example));

const personId = printableText('The id of the person in the product, which never belongs to another person.', 'ana');
const personName = printableText('The name of the person, for people.', 'Ana Lopez');

export const OnBehalfOf = z.strictObject({ id: personId, name: personName }).meta({
  id: 'OnBehalfOf',
  description:
    'The person for whom the product acts. Only for keys with `persons:claim`; the person is the one who requests or decides.',
});
export type OnBehalfOf = z.output<typeof OnBehalfOf>;

export const ApproverInput = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('person').meta(doc('A person of the console.', 'person')),
      id: z.guid().meta(doc('The id of a member who may decide.', '0192f0c1-7a80-7c11-9d52-3f6b2f0c8a10')),
    }),
    z.strictObject({
      type: z.literal('claimed').meta(doc('A person whom a product names.', 'claimed')),
      id: personId,
      product: ProductName.optional().meta({
        description: 'The product that names the person. Default: that of the key.',
        examples: ['helpdesk'],
      }),
      name: personName.optional(),
    }),
  ])
  .meta({ id: 'ApproverInput', description: 'A person who may decide.' });
export type ApproverInput = z.output<typeof ApproverInput>;

export const approvers = z
  .array(ApproverInput)
  .min(1)
  .max(20)
  .optional()
  .meta({
    description:
      'Only these persons decide about approvals and uncertain effects of the run. Default: all callers with approvals:decide.',
    examples: [[{ type: 'claimed', id: 'ben', name: 'Ben Okafor' }]],
  });

/** The id of the principal. A product has no colon in its name, so no two pairs have the same id. */
export const claimedId = (product: string, id: string): string => `${product}:${id}`;

export const claimedLabel = (product: string, name: string): string => `${name}, named by ${product}`;

/** The product that names a principal, by the identity of the principal; undefined if no product names it. */
export const claimingProduct = (identity: string): string | undefined => /^claimed:([^:]+):/.exec(identity)?.[1];
