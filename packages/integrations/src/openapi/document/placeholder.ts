import { withoutTrailing } from '@errand/basics/text-end';
import { DocumentFault } from './document.ts';

/** Words for a part of a host that differs by customer. */
const WORDS =
  'account|api-?url|app|company|customer|domain|fqdn|host|instance|organi[sz]ation|org|server|shop|site|store|sub-?domain|team|tenant|workspace';
const YOURS = new RegExp(`^your[-_]?(?:${WORDS})(?:[-_]?(?:name|id|here|url))?$|^your[-_]`);
const MINE = /^my[-_]?(?:company|domain|hostname|instance|sub-?domain|tenant)$/;
/** Real hosts have such a label too, so these count only as the first one. */
const FIRST_LABEL =
  /^(?:change-?me|domain|fqdn|host-?name|instance|none|placeholder|server-?name|sub-?domain|tenant|x{3,})$/;
/** Reserved names (RFC 2606, RFC 6762): no public service has one. */
const RESERVED = /(?:^|\.)(?:example|invalid|local|test)$/;
/** Reserved too, but documents of tests and tutorials use them, and they resolve to no stranger's service. */
const EXAMPLE_DOMAIN = /(?:^|\.)example\.(?:com|net|org)$/;

/** Whether a label of a host, which is not one of an example domain, stands for a name that only the owner of an integration knows. */
const isPlaceholderLabel = (label: string, index: number): boolean =>
  label === '' ||
  label === 'example' ||
  YOURS.test(label) ||
  MINE.test(label) ||
  (index === 0 && FIRST_LABEL.test(label));

/** Whether a host is not that of a service, but stands for the host of each customer. */
export function isPlaceholderHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (EXAMPLE_DOMAIN.test(host)) return false;
  return RESERVED.test(host) || host.split('.').some(isPlaceholderLabel);
}

const MARK = /\{([^{}]*)\}|<([^<>]*)>/g;

/** Whether a server URL, after its variables were replaced by their defaults, has a part that the owner must replace. */
export const hasMark = (url: string): boolean => new RegExp(MARK).test(url);

/** The refusal of a document with placeholders as servers. It names the parts to replace, and an address as an example. */
export function placeholderFault(template: string): DocumentFault {
  const names = [...template.matchAll(MARK)].map(([, variable, text]) => variable ?? text).filter(Boolean);
  const parts = names.length > 0 ? `, with your own ${names.join(', ')}` : '';
  const message = `The server ${template.slice(0, 200)} is a placeholder: each customer of the service has another address.`;
  return new DocumentFault(
    'openapi_invalid',
    message,
    [{ pointer: '/baseUrl', message }],
    `Send \`baseUrl\`, the address of your own account${parts}, such as ${exampleOf(template)}.`,
  );
}

/** The address as a customer named acme would have it. */
function exampleOf(template: string): string {
  const text = template.replace(MARK, 'acme');
  if (!URL.canParse(text)) return 'https://acme.example.com';
  const { hostname, port, pathname } = new URL(text);
  const host = hostname.toLowerCase();
  const isReserved = RESERVED.test(host) || !host.includes('.');
  const labels = host.split('.').map((label, index) => (isPlaceholderLabel(label, index) ? 'acme' : label));
  return `https://${isReserved ? 'acme.example.com' : labels.join('.')}${port && `:${port}`}${withoutTrailing(pathname, '/')}`;
}
