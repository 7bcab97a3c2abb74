import { randomBytes } from 'node:crypto';
import type { Json } from '@errand/contracts';
import { ArgumentsFault } from './arguments-fault.ts';
import type { CallPart } from './http-call.ts';
import { scalar } from './serialize.ts';

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const bytesOf = (text: string, at: string): Buffer => {
  if (!base64.test(text)) throw new ArgumentsFault(`${at} must be base64. Give {"text": …} for a text.`);
  return Buffer.from(text, 'base64');
};

/** Quotes and line ends are written as browsers write them (HTML, multipart/form-data encoding). */
const quoted = (text: string): string => text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

type Part = { bytes: Buffer; filename?: string; contentType?: string };

function fileOf(value: Json, part: CallPart, at: string): Part {
  const file = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { base64: value };
  const { text, base64: encoded, filename, contentType } = file;
  const bytes =
    typeof text === 'string' ? Buffer.from(text) : typeof encoded === 'string' ? bytesOf(encoded, at) : undefined;
  if (!bytes) throw new ArgumentsFault(`${at} must be a file: base64, or an object with text or base64.`);
  const usual = part.contentType?.includes('*') ? undefined : part.contentType;
  return {
    bytes,
    filename: typeof filename === 'string' ? filename : 'file',
    contentType:
      typeof contentType === 'string'
        ? contentType
        : (usual ?? (text === undefined ? 'application/octet-stream' : 'text/plain')),
  };
}

function partOf(value: Json, part: CallPart, at: string): Part {
  if (part.file) return fileOf(value, part, at);
  const json = typeof value === 'object' && value !== null;
  const contentType = part.contentType ?? (json ? 'application/json' : undefined);
  return { bytes: Buffer.from(json ? JSON.stringify(value) : scalar(value)), ...(contentType && { contentType }) };
}

/** One part with its head, in front of which the boundary goes. */
function written(name: string, { bytes, filename, contentType }: Part): Buffer[] {
  if (contentType && /[^\x20-\x7e]/.test(contentType))
    throw new ArgumentsFault(`body.${name} has a broken contentType.`);
  const file = filename === undefined ? '' : `; filename="${quoted(filename)}"`;
  const type = contentType === undefined ? '' : `content-type: ${contentType}\r\n`;
  const head = `content-disposition: form-data; name="${quoted(name)}"${file}\r\n${type}\r\n`;
  return [Buffer.from(head), bytes, Buffer.from('\r\n')];
}

/** A form as multipart/form-data (RFC 7578); a list is a part for each item. */
export function multipart(
  body: Record<string, Json>,
  parts: Record<string, CallPart>,
): { body: Buffer; contentType: string } {
  const boundary = `errand-${randomBytes(18).toString('hex')}`;
  const pieces = Object.entries(body).flatMap(([name, value]) => {
    const how = Object.hasOwn(parts, name) ? (parts[name] as CallPart) : {};
    const items = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
    return items.flatMap((item) => [
      Buffer.from(`--${boundary}\r\n`),
      ...written(name, partOf(item, how, `body.${name}`)),
    ]);
  });
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return { body: Buffer.concat(pieces), contentType: `multipart/form-data; boundary=${boundary}` };
}
