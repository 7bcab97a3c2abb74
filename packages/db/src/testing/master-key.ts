import { randomBytes } from 'node:crypto';

/** A fresh master key, as `openDatabase` takes it. */
export const masterKey = (kid = 'test') => `${kid}:${randomBytes(32).toString('base64')}`;
