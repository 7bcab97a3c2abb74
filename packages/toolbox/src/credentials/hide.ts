import type { Secret } from '@errand/contracts';

/** Registers a secret for redaction in the log. Called for every secret that is opened or received. */
export type Hide = (secret: Secret) => void;
