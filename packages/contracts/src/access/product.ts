import { z } from 'zod';

export const ProductName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'Must be 1 to 40 lowercase letters, digits and hyphens.')
  .meta({
    id: 'ProductName',
    description:
      'The product that uses the key. Keys of one product name the same persons, and four eyes treat them as one party. Rotations keep it.',
    examples: ['helpdesk'],
  });
