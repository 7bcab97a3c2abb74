import { z } from 'zod';

/** What answers by link have in common. */
export const linkToken = z
  .string()
  .min(1)
  .max(500)
  .meta({ description: 'The token of the link.', examples: ['AZLw…'] });

export const csrf = z
  .string()
  .max(100)
  .meta({ description: 'Binds the form to the browser that it was made for.', examples: ['k3Zq…'] });

export const answeredBy = z
  .string()
  .optional()
  .meta({ description: 'Who answered.', examples: ['er_live_…k3Zq'] });
