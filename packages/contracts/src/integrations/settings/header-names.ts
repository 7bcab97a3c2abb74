// Headers that the service itself controls.

/** Headers that control the connection or the framing, or that carry a session: a caller may not set them. */
const forbiddenHeaders = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'cookie',
  'accept-encoding',
]);

export const isForbiddenHeader = (name: string): boolean => {
  const lower = name.toLowerCase();
  return forbiddenHeaders.has(lower) || lower.startsWith('proxy-');
};

/** Headers that control the body, attempt, method or path of a call. */
const callHeaders = new Set([
  'content-type',
  'content-encoding',
  'idempotency-key',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
]);

export const controlsCall = (name: string): boolean => callHeaders.has(name.toLowerCase());

/** Parameters by which some services replace the method of the request. */
const methodParameters = new Set(['_method', 'x-http-method-override']);

export const replacesMethod = (name: string): boolean => methodParameters.has(name.toLowerCase());
