// Programs that send a request over REST. They read the key from the environment.
import type { RestRequest } from './operation.ts';

export const LANGUAGES = ['curl', 'TypeScript', 'Python'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A complete program, which prints the answer. @param origin of the service */
export const snippetOf = (language: Language, origin: string, request: RestRequest): string =>
  WRITERS[language](origin + request.path, request);

type Writer = (url: string, request: RestRequest) => string;

const curl: Writer = (url, { method, headers = {}, body }) =>
  [
    `curl -s${method === 'GET' ? '' : ` -X ${method}`} ${shellText(url)}`,
    '-H "x-api-key: $ERRAND_API_KEY"',
    ...(body ? ["-H 'content-type: application/json'"] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${shellText(`${name}: ${value}`)}`),
    ...(body ? [`-d ${shellText(JSON.stringify(body, undefined, 2))}`] : []),
  ].join(' \\\n  ');

const typeScript: Writer = (url, { method, headers = {}, body, hasAnswer }) => {
  const lines = [
    `const response = await fetch(${JSON.stringify(url)}, {`,
    ...(method === 'GET' ? [] : [`  method: '${method}',`]),
    '  headers: {',
    "    'x-api-key': process.env.ERRAND_API_KEY!,",
    ...(body ? ["    'content-type': 'application/json',"] : []),
    ...Object.entries(headers).map(([name, value]) => `    ${name}: '${value}',`),
    '  },',
    ...(body ? [`  body: JSON.stringify(${indent(JSON.stringify(body, undefined, 2))}),`] : []),
    '});',
    ...(hasAnswer ? ['const answer = await response.json();'] : []),
    `console.log(response.status${hasAnswer ? ', answer' : ''});`,
  ];
  return `${lines.join('\n')}\n`;
};

const python: Writer = (url, { method, headers = {}, body, hasAnswer }) => {
  const lines = [
    ...(body || hasAnswer ? ['import json'] : []),
    'import os',
    'import urllib.request',
    '',
    'request = urllib.request.Request(',
    `    ${JSON.stringify(url)},`,
    `    method="${method}",`,
    ...(body ? [`    data=json.dumps(${indent(pythonOf(body), 4)}).encode(),`] : []),
    '    headers={',
    '        "x-api-key": os.environ["ERRAND_API_KEY"],',
    ...(body ? ['        "content-type": "application/json",'] : []),
    ...Object.entries(headers).map(([name, value]) => `        "${name}": "${value}",`),
    '    },',
    ')',
    'with urllib.request.urlopen(request) as response:',
    ...(hasAnswer
      ? ['    answer = json.load(response)', 'print(response.status, answer)']
      : ['    print(response.status)']),
  ];
  return `${lines.join('\n')}\n`;
};

const WRITERS: Readonly<Record<Language, Writer>> = { curl, TypeScript: typeScript, Python: python };

/** A text as one word of a POSIX shell. */
export const shellText = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const indent = (text: string, spaces = 2): string => text.replaceAll('\n', `\n${' '.repeat(spaces)}`);

/** A JSON value as a literal of Python. */
export function pythonOf(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((item) => pythonOf(item, depth + 1))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => `${JSON.stringify(name)}: ${pythonOf(item, depth + 1)}`);
  const [open, close] = isList ? '[]' : '{}';
  if (items.length === 0) return `${open}${close}`;
  const space = '    '.repeat(depth);
  return `${open}\n${items.map((item) => `${space}    ${item},\n`).join('')}${space}${close}`;
}
