import { randomBytes } from 'node:crypto';
import { isRecord } from '@errand/basics/is-record';
import { percentEncode, percentEncodeAllowReserved } from '@errand/basics/percent';
import type { Json } from '@errand/contracts';
import { ArgumentsFault } from './arguments-fault.ts';
import type { CallBody, CallPart } from './http-call.ts';
import { queryPairs, scalar } from './serialize-parameters.ts';

export type EncodedBody = { body: string | Buffer; contentType: string };

export function encodeBody({ kind, contentType, parts = {} }: CallBody, value: Json): EncodedBody {
  if (kind === 'json') return { body: JSON.stringify(value), contentType };
  if (kind === 'text') {
    if (typeof value !== 'string') throw new ArgumentsFault('body must be a text.');
    return { body: value, contentType };
  }
  if (!isRecord(value)) throw new ArgumentsFault('body must be an object: it is sent as a form.');
  return kind === 'multipart' ? multipart(value, parts) : { body: urlEncoded(value, parts), contentType };
}

/** application/x-www-form-urlencoded. Properties with a style are written like query parameters; other objects are JSON. */
function urlEncoded(value: Record<string, Json>, parts: Record<string, CallPart>): string {
  const pairs = Object.entries(value).flatMap(([name, item]) => {
    if (item === undefined || item === null) return [];
    const part: CallPart = Object.hasOwn(parts, name) ? (parts[name] as CallPart) : {};
    const isStyled = part.style !== undefined || part.explode !== undefined || part.allowReserved !== undefined;
    const isJson = !isStyled && typeof item === 'object' && (!Array.isArray(item) || part.contentType !== undefined);
    const style = part.style ?? 'form';
    const written = { name, style, explode: part.explode ?? style === 'form' };
    return queryPairs(
      written,
      isJson ? JSON.stringify(item) : item,
      part.allowReserved ? percentEncodeAllowReserved : percentEncode,
    );
  });
  return pairs.join('&');
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const bytesOf = (text: string, path: string): Buffer => {
  if (!base64.test(text)) throw new ArgumentsFault(`${path} must be base64. For a text, pass {"text": …}.`);
  return Buffer.from(text, 'base64');
};

/** Encodes quotes and line breaks as browsers do (HTML, multipart/form-data encoding). */
const escaped = (text: string): string => text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

type Part = { bytes: Buffer; filename?: string; contentType?: string };

function filePart(value: Json, part: CallPart, path: string): Part {
  const file = isRecord(value) ? value : { base64: value };
  const { text, base64: encoded, filename, contentType } = file;
  const bytes =
    typeof text === 'string' ? Buffer.from(text) : typeof encoded === 'string' ? bytesOf(encoded, path) : undefined;
  if (!bytes) throw new ArgumentsFault(`${path} must be a file: base64, or an object with text or base64.`);
  const declared = part.contentType?.includes('*') ? undefined : part.contentType;
  const defaultType = declared ?? (text === undefined ? 'application/octet-stream' : 'text/plain');
  return {
    bytes,
    filename: typeof filename === 'string' ? filename : 'file',
    contentType: typeof contentType === 'string' ? contentType : defaultType,
  };
}

function partOf(value: Json, part: CallPart, path: string): Part {
  if (part.file) return filePart(value, part, path);
  const json = typeof value === 'object' && value !== null;
  const contentType = part.contentType ?? (json ? 'application/json' : undefined);
  return { bytes: Buffer.from(json ? JSON.stringify(value) : scalar(value)), ...(contentType && { contentType }) };
}

/** One part with its head, without the boundary. */
function written(name: string, { bytes, filename, contentType }: Part): Buffer[] {
  if (contentType && /[^\x20-\x7e]/.test(contentType))
    throw new ArgumentsFault(`body.${name} has an invalid contentType.`);
  const file = filename === undefined ? '' : `; filename="${escaped(filename)}"`;
  const type = contentType === undefined ? '' : `content-type: ${contentType}\r\n`;
  const head = `content-disposition: form-data; name="${escaped(name)}"${file}\r\n${type}\r\n`;
  return [Buffer.from(head), bytes, Buffer.from('\r\n')];
}

/** A form as multipart/form-data (RFC 7578). A list becomes a part for each item. */
function multipart(body: Record<string, Json>, parts: Record<string, CallPart>): EncodedBody {
  const boundary = `errand-${randomBytes(18).toString('hex')}`;
  const buffers = Object.entries(body).flatMap(([name, value]) => {
    const part = Object.hasOwn(parts, name) ? (parts[name] as CallPart) : {};
    const items = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
    return items.flatMap((item) => [
      Buffer.from(`--${boundary}\r\n`),
      ...written(name, partOf(item, part, `body.${name}`)),
    ]);
  });
  buffers.push(Buffer.from(`--${boundary}--\r\n`));
  return { body: Buffer.concat(buffers), contentType: `multipart/form-data; boundary=${boundary}` };
}
