// Programs that create the same errand over REST. They read the key from the environment.
import type { ScheduledRun } from '../../../keep/schedule-dialog.tsx';
import type { Run } from '../log/phases.ts';

export const LANGUAGES = ['curl', 'TypeScript', 'Python'] as const;
export type Language = (typeof LANGUAGES)[number];

/** How long each program waits for the end, in seconds. */
const WAIT = 30;

/** The request that creates the same errand; empty fields are left out. */
export function bodyOf(run: Run): ScheduledRun {
  const { intent, context, userId, user, selectedCustomerIntegrationIds, approvalStrategy, outputSchema, metadata } =
    run;
  return {
    intent,
    ...(context === '' ? {} : { context }),
    userId,
    ...(user ? { user } : {}),
    selectedCustomerIntegrationIds,
    approvalStrategy,
    ...(outputSchema ? { outputSchema } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

/** A complete program. @param origin of the service */
export function snippetOf(language: Language, origin: string, run: Run): string {
  return WRITERS[language](`${origin}/v1/runs`, bodyOf(run));
}

const WRITERS: Readonly<Record<Language, (url: string, body: ScheduledRun) => string>> = {
  curl: (url, body) =>
    [
      `curl -s ${shellText(url)}`,
      '-H "x-api-key: $ERRAND_API_KEY"',
      "-H 'content-type: application/json'",
      `-H 'prefer: wait=${WAIT}'`,
      `-d ${shellText(JSON.stringify(body, undefined, 2))}`,
    ].join(' \\\n  '),
  TypeScript: (url, body) => `const response = await fetch(${JSON.stringify(url)}, {
  method: 'POST',
  headers: {
    'x-api-key': process.env.ERRAND_API_KEY!,
    'content-type': 'application/json',
    prefer: 'wait=${WAIT}',
  },
  body: JSON.stringify(${indent(JSON.stringify(body, undefined, 2))}),
});
const run = await response.json();
console.log(response.ok ? run.status : run.detail, run.result);
`,
  Python: (url, body) => `import json
import os
import urllib.request

request = urllib.request.Request(
    ${JSON.stringify(url)},
    data=json.dumps(${indent(pythonOf(body), 4)}).encode(),
    headers={
        "x-api-key": os.environ["ERRAND_API_KEY"],
        "content-type": "application/json",
        "prefer": "wait=${WAIT}",
    },
)
with urllib.request.urlopen(request) as response:
    run = json.load(response)
print(run["status"], run.get("result"))
`,
};

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
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${pythonOf(item, depth + 1)}`);
  const [open, close] = isList ? '[]' : '{}';
  if (items.length === 0) return `${open}${close}`;
  const space = '    '.repeat(depth);
  return `${open}\n${items.map((item) => `${space}    ${item},\n`).join('')}${space}${close}`;
}
