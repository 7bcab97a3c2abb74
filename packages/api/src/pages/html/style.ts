/** The style of all pages, light or dark by the system's setting. The content security policy contains its hash. */
export const STYLE = `
:root { color-scheme: light dark; --page: #f4f4f1; --card: #fff; --ink: #1d1d1b; --muted: #5a5a55; --line: #d8d8d2; --soft: #f0f0ec;
  --yes: #1a6b3c; --button: var(--yes); --on-button: #fff; --focus: #2563eb; --warn: #8a4b00; }
@media (prefers-color-scheme: dark) { :root { --page: #141517; --card: #1d1f22; --ink: #ececea; --muted: #a9a9a3; --line: #3a3d42; --soft: #26292d;
  --yes: #23784a; --focus: #7aa7ff; --warn: #f0b464; } }
@media (prefers-color-scheme: dark) { .site img { background: #fff; padding: .15rem; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
.site { display: flex; align-items: center; gap: .5rem; max-width: 42rem; margin: 0 auto; padding: 1rem; font-size: .9rem; color: var(--muted); }
.site strong { color: var(--ink); overflow-wrap: anywhere; }
.site svg, .site img { flex: none; }
.site img { height: 2rem; max-width: 10rem; object-fit: contain; border-radius: .3rem; }
main { max-width: 42rem; margin: 0 auto 3rem; padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 1rem; overflow-wrap: anywhere; text-wrap: balance; }
h1.question { white-space: pre-wrap; }
h2 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
a { color: inherit; }
.kicker { margin: 0 0 .25rem; font-size: .85rem; color: var(--muted); }
.muted, small { color: var(--muted); }
small { font-size: .85rem; overflow-wrap: anywhere; }
.lines { white-space: pre-line; }
.who { display: flex; align-items: center; gap: .75rem; margin: 1rem 0; }
.who > div { min-width: 0; line-height: 1.35; overflow-wrap: anywhere; }
.logo { flex: none; display: grid; place-items: center; width: 2.5rem; height: 2.5rem; border-radius: .6rem; background: var(--soft);
  border: 1px solid var(--line); font-weight: 700; overflow: hidden; }
.logo img { width: 100%; height: 100%; object-fit: contain; }
dl { margin: 1rem 0; }
dl > div { display: grid; grid-template-columns: 9rem 1fr; gap: 0 1rem; padding: .5rem 0; border-top: 1px solid var(--line); }
dl > div:last-child { border-bottom: 1px solid var(--line); }
dt { color: var(--muted); overflow-wrap: anywhere; }
dt::first-letter, label::first-letter { text-transform: uppercase; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
dd small { display: block; }
ol.steps { margin: 1rem 0; padding: 0; list-style: none; counter-reset: step; }
ol.steps > li { position: relative; padding: .6rem 0 .6rem 2.4rem; border-top: 1px solid var(--line); counter-increment: step; overflow-wrap: anywhere; }
ol.steps > li::before { content: counter(step); position: absolute; left: 0; top: .65rem; width: 1.6rem; text-align: center; font-size: .9rem;
  border-radius: 1rem; background: var(--soft); }
.tag { display: inline-block; font-size: .8rem; color: var(--warn); border: 1px solid currentColor; border-radius: 1rem; padding: 0 .5rem; }
details { margin: .75rem 0; }
summary { cursor: pointer; color: var(--muted); }
details > summary { padding: .25rem 0; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .5rem; border: 1px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; }
th { width: 35%; font: .85rem/1.5 ui-monospace, monospace; }
pre, code { font: .85rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; background: var(--soft); border-radius: .4rem; padding: .75rem; }
.hidden { background: #ffe08a; color: #4a3200; font-family: ui-monospace, monospace; border-radius: .2rem; padding: 0 .15rem; }
.notice { border-left: 4px solid var(--yes); background: var(--soft); border-radius: .3rem; padding: .75rem 1rem; }
.notice[role=alert], .fault { border-color: var(--warn); }
.fault { color: var(--warn); font-size: .9rem; margin: .25rem 0 0; }
label { display: block; font-weight: 600; margin: 1.1rem 0 .25rem; overflow-wrap: anywhere; }
label small { font-weight: 400; }
input:not([type=hidden], [type=radio], [type=checkbox]), textarea, select { width: 100%; max-width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--muted);
  border-radius: .4rem; padding: .55rem .6rem; }
textarea.code, input.code { font-family: ui-monospace, monospace; font-size: .9rem; }
fieldset { border: 0; margin: 1.25rem 0 0; padding: 0; min-width: 0; }
legend { padding: 0; color: var(--muted); overflow-wrap: anywhere; }
fieldset.field legend { color: inherit; font-weight: 600; }
label.choice { display: flex; gap: .75rem; align-items: baseline; font-weight: 400; margin: .5rem 0 0; padding: .75rem 1rem; border: 1px solid var(--line);
  border-radius: .5rem; cursor: pointer; }
label.choice:has(:checked) { border-color: currentColor; background: var(--soft); }
ul.scopes { margin: .5rem 0; padding-left: 1.2rem; }
.act { display: flex; align-items: center; justify-content: space-between; gap: 1rem; margin-top: 1.25rem; padding-top: 1rem; border-top: 1px solid var(--line); }
button { font: inherit; font-weight: 600; border-radius: .5rem; padding: .65rem 1.75rem; cursor: pointer; min-height: 2.75rem; }
button.approve { color: var(--on-button); background: var(--button); border: 1px solid var(--button); }
button.deny, button.quiet { color: var(--ink); background: transparent; border: 1px solid var(--line); font-weight: 400; padding: .65rem 1.1rem; }
button.deny:hover, button.quiet:hover { border-color: var(--muted); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
@media (max-width: 40rem) {
  body { background: var(--card); }
  main { border: 0; border-radius: 0; margin: 0; padding: .25rem 1rem 1rem; }
  h1 { font-size: 1.3rem; }
  dl > div { grid-template-columns: 1fr; }
  .act { position: sticky; bottom: 0; margin: 1.25rem -1rem -1rem; padding: .75rem 1rem; padding-bottom: max(.75rem, env(safe-area-inset-bottom)); background: var(--card); }
  .act .approve { flex: 1; }
  .act button { padding-left: 1rem; padding-right: 1rem; }
}
`;
