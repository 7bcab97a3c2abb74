import { withTimeout } from '@errand/basics/with-timeout';
import { toStartErrorText } from '../start/explain.ts';
import { type Check, type Finding, failed } from './finding.ts';

/** Time limit of a check, in ms. */
const CHECK_MS = 10_000;

/** Carries out a check with a time limit. An error or the end of the time fails it. */
export const within = (check: Check, find: () => Promise<Finding>): Promise<Finding> =>
  withTimeout(CHECK_MS, find()).catch((error) => failed(check, toStartErrorText(error)));
