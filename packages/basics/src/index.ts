export { orAborted } from './or-aborted.ts';
export { Turns } from './turns.ts';
