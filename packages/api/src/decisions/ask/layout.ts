import { sha256 } from '@errand/basics/sha256';
import { escaped } from './visible.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; --yes: #1a6b3c; --no: #a3261b; }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1rem 0; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border: 1px solid var(--line); }
th { width: 35%; font: .9rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
td { white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
.hidden { background: #ffe08a; color: #4a3200; font-family: ui-monospace, monospace; border-radius: .2rem; padding: 0 .15rem; }
.notice { border: 2px solid var(--line); background: var(--soft); border-radius: .4rem; padding: .75rem 1rem; }
label { display: block; font-weight: 600; margin: 1.5rem 0 .25rem; }
textarea { width: 100%; font: inherit; padding: .5rem; }
.buttons { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: 1rem; }
button { font: inherit; font-weight: 600; color: #fff; border: 0; border-radius: .4rem; padding: .6rem 1.6rem; cursor: pointer; }
button.approve { background: var(--yes); }
button.deny { background: var(--no); }
button.quiet { background: none; color: inherit; border: 1px solid var(--line); font-weight: 400; }
h1.question { white-space: pre-wrap; overflow-wrap: anywhere; }
fieldset { border: 0; margin: 1.5rem 0 0; padding: 0; }
legend { padding: 0; font-weight: 600; }
label.choice { display: flex; gap: .75rem; align-items: baseline; font-weight: 400; margin: .5rem 0 0; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .4rem; cursor: pointer; overflow-wrap: anywhere; }
label.choice:has(:checked) { border-color: currentColor; background: var(--soft); }
button:focus-visible, textarea:focus-visible, input:focus-visible { outline: 3px solid #3b82f6; outline-offset: 2px; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dt { margin-top: .5rem; } }
`;

/** No script, no foreign resources, no framing, no referrer. */
export const pageHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${sha256(STYLE, 'base64')}'`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'x-content-type-options': 'nosniff',
  vary: 'accept',
};

/** A page around finished HTML. */
export const layout = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
