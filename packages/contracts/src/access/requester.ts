// The principal that created a run, as answers show it.
import { z } from 'zod';
import { oneOf, text } from '../base/fields.ts';

export const Requester = z
  .object({
    type: oneOf(
      ['api_key', 'person', 'claimed', 'subject', 'system'],
      'claimed: a person whom a product names. subject: a user of an issuer that the operator trusts.',
      'api_key',
    ),
    id: text(
      'Its id within the type. All keys of a chain of rotations have the same. For claimed: the product, a colon, and the id of the person there.',
      '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a07',
    ),
    label: text('Its name, for people; the id if it has none.', 'Sales assistant'),
  })
  .meta({ id: 'Requester', description: 'The principal that created a run.' });
export type Requester = z.infer<typeof Requester>;
