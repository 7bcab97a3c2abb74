import { z } from 'zod';
import { optionalCount, text } from '../base/fields.ts';

export const LeftOut = z
  .object({
    field: z
      .enum(['intent', 'context', 'metadata', 'outputSchema', 'result', 'error', 'waitingOn'])
      .meta({ description: 'What is left out, or shown in part.', examples: ['result'] }),
    bytes: optionalCount('How large it is; absent for a list.', 1048576),
    path: text('Where it is read.', '/v1/runs/0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01'),
  })
  .meta({ id: 'LeftOut', description: 'A part of a run that had no room in this answer.' });
export type LeftOut = z.infer<typeof LeftOut>;
