import { z } from 'zod';

/** Any JSON value, as clients of tools are told of it: a schema that accepts anything is refused by strict ones. */
export const AnyJson = z
  .union([z.record(z.string(), z.unknown()), z.array(z.unknown()), z.string(), z.number(), z.boolean(), z.null()])
  .meta({ description: 'A JSON value.' });
