// Identifiers of W3C Trace Context. The trace of a run has the id of the run, so that every process finds it without storing anything.

export type TraceContext = { traceId: string; spanId: string; isSampled: boolean };

/** The trace id of a run: its UUID without hyphens. */
export const traceIdOf = (runId: string): string => runId.replaceAll('-', '');

/** The id of the root span of a run. It contains the variant bits of the UUID, so it is never zero. */
export const rootSpanIdOf = (runId: string): string => traceIdOf(runId).slice(16);

const hex32 = (): string =>
  Math.trunc(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');

/** A random span id; unlike a secret, others may guess it. */
export function newSpanId(): string {
  const id = hex32() + hex32();
  return id === '0000000000000000' ? newSpanId() : id;
}

/** The value of the header `traceparent` for a run that is not traced. By default the parent is the root of the run. */
export const untracedParent = (runId: string, spanId = rootSpanIdOf(runId)): string =>
  toTraceparent({ traceId: traceIdOf(runId), spanId, isSampled: false });

/** The value of the header `traceparent`. */
export const toTraceparent = ({ traceId, spanId, isSampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;

// Only versions after 00 may append fields.
const TRACEPARENT = /^(?!ff)(?!00.{54})[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-|$)/;
const MAX_CHARS = 200;

/** @returns undefined unless it is the value of a header `traceparent` */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  const match = text !== undefined && text.length <= MAX_CHARS ? TRACEPARENT.exec(text) : null;
  if (!match) return undefined;
  return { traceId: match[1]!, spanId: match[2]!, isSampled: (Number.parseInt(match[3]!, 16) & 1) === 1 };
}

/** Of the last 52 bits of a UUID, which are random. */
const RANDOM_DIGITS = 13;

/** Whether a run belongs to this fraction of all runs: every process decides the same. @param ratio 0 to 1 */
export const isInRatio = (runId: string, ratio: number): boolean =>
  Number.parseInt(traceIdOf(runId).slice(-RANDOM_DIGITS), 16) < ratio * 16 ** RANDOM_DIGITS;
