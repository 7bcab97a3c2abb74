const escaped = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
main { width: min(24rem, 90vw); }
label { display: block; margin: .75rem 0; }
input { display: block; box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; }
button { padding: .5rem 1.25rem; font: inherit; margin-right: .5rem; }
[role=alert] { color: #b00020; }
@media (prefers-color-scheme: dark) { [role=alert] { color: #ff8a9b; } }`;

/** A whole page without external resources. */
export const page = (title: string, body: string, nonce: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style nonce="${nonce}">${STYLE}</style></head><body><main><h1>${escaped(title)}</h1>${body}</main></body></html>`;

export type ConsentPage = {
  clientId: string;
  /** The permission of each requested scope, in words. */
  scopes: readonly string[];
  /** The query of the request, which the form returns. */
  request: string;
  csrf: string;
  problem?: string;
};

export const consentForm = ({ clientId, scopes, request, csrf, problem }: ConsentPage): string => `
<p><strong>${escaped(clientId)}</strong> asks to use your account:</p>
<ul>${scopes.map((scope) => `<li>${escaped(scope)}</li>`).join('')}</ul>
${problem ? `<p role="alert">${escaped(problem)}</p>` : ''}
<form method="post" action="/authorize">
<input type="hidden" name="request" value="${escaped(request)}">
<input type="hidden" name="csrf" value="${escaped(csrf)}">
<label>User name <input name="username" autocomplete="username" autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`;

export const text = (words: string): string => `<p>${escaped(words)}</p>`;
