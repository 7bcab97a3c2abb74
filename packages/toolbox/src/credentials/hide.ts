import type { Secret } from '@errand/contracts';

/** Told of every secret that is opened, got or given, so that it never stands in a log. */
export type Hide = (secret: Secret) => void;
