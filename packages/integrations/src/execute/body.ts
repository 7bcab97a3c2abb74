import { encode, encodeReserved } from '@errand/basics/percent';
import type { Json } from '@errand/contracts';
import { ArgumentsFault } from './arguments-fault.ts';
import type { CallBody, CallPart } from './http-call.ts';
import { multipart } from './multipart.ts';
import { pairsOf } from './serialize.ts';

export type SentBody = { body: string | Buffer; contentType: string };

/** Writes the `body` argument as its media type asks. */
export function writeBody(how: CallBody, value: Json): SentBody {
  const { contentType } = how;
  if (how.kind === 'json') return { body: JSON.stringify(value), contentType };
  if (how.kind === 'text') {
    if (typeof value !== 'string') throw new ArgumentsFault('body must be a text.');
    return { body: value, contentType };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ArgumentsFault('body must be an object: it is sent as a form.');
  }
  return how.kind === 'multipart'
    ? multipart(value, how.parts ?? {})
    : { body: form(value, how.parts ?? {}), contentType };
}

/** application/x-www-form-urlencoded. A property with a style is written like a query parameter; else objects are JSON. */
function form(value: Record<string, Json>, parts: Record<string, CallPart>): string {
  const pairs = Object.entries(value).flatMap(([name, item]) => {
    if (item === undefined || item === null) return [];
    const part: CallPart = Object.hasOwn(parts, name) ? (parts[name] as CallPart) : {};
    const styled = part.style !== undefined || part.explode !== undefined || part.allowReserved !== undefined;
    const whole = !styled && typeof item === 'object' && (!Array.isArray(item) || part.contentType !== undefined);
    const style = part.style ?? 'form';
    const written = { name, style, explode: part.explode ?? style === 'form' };
    return pairsOf(written, whole ? JSON.stringify(item) : item, part.allowReserved ? encodeReserved : encode);
  });
  return pairs.join('&');
}
