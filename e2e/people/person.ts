// A person with a browser: signs in with a link, and calls the operations of the console with both secrets of the session.
// biome-ignore lint/suspicious/noExplicitAny: tests read members that they expect
export type Answer = { status: number; body: any; headers: Headers };

export type Person = {
  cookie: string;
  token: string;
  /** Calls an operation at /console/trpc. Members of `headers` replace those of the browser; undefined removes one. */
  call(name: string, input?: unknown, options?: CallOptions): Promise<Answer>;
};
type CallOptions = { mutation?: boolean; headers?: Record<string, string | undefined> };

export async function signIn(url: string, link: string, headers: Record<string, string> = {}): Promise<Answer> {
  return send(`${url}/console/sign-in`, { body: { link }, headers: { origin: new URL(url).origin, ...headers } });
}

/** @throws Error if the link does not sign in */
export async function aPerson(url: string, link: string): Promise<Person> {
  const { status, body, headers } = await signIn(url, link);
  if (status !== 200) throw new Error(`The link does not sign in: ${JSON.stringify(body)}`);
  const [cookie = ''] = headers.getSetCookie()[0]!.split(';');
  return personWith(url, cookie, body.token);
}

export const personWith = (url: string, cookie: string, token: string): Person => ({
  cookie,
  token,
  call: (name, input = {}, { mutation = false, headers = {} } = {}) => {
    const query = mutation ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    return send(`${url}/console/trpc/${name}${query}`, {
      ...(mutation && { body: input }),
      headers: { cookie, 'x-errand-console': token, origin: new URL(url).origin, ...headers },
    });
  },
});

export async function send(
  url: string,
  { body, headers }: { body?: unknown; headers: Record<string, string | undefined> },
): Promise<Answer> {
  const sent = Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: [...sent, ...(body === undefined ? [] : [['content-type', 'application/json'] as [string, string]])],
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  const answer = text.startsWith('{') ? JSON.parse(text) : text;
  return {
    status: response.status,
    body: answer.result?.data ?? answer.error?.data?.problem ?? answer,
    headers: response.headers,
  };
}
