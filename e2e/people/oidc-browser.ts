// A browser that follows a sign-in from the console to the issuer and back, as a person does.
import { type Answer, type Person, personWith, send } from './person.ts';

/** What the callback answers: a page that refuses, or the page of the console with a fragment. */
export type Returned = { status: number; location: string; fragment: string; text: string };

export class OidcBrowser {
  readonly cookies = new Map<string, string>();

  constructor(private readonly url: string) {}

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Reads an address without following redirects, and keeps cookies. */
  async visit(address: string, headers: Record<string, string> = {}): Promise<Returned> {
    const sent = { accept: 'text/html', ...(this.cookies.size > 0 && { cookie: this.cookie }), ...headers };
    const response = await fetch(new URL(address, this.url), { redirect: 'manual', headers: sent });
    this.keep(response.headers);
    const location = response.headers.get('location') ?? '';
    const fragment = location.split('#')[1] ?? '';
    return { status: response.status, location, fragment, text: await response.text() };
  }

  /** Begins a sign-in. @returns the address of the issuer */
  async begin(returnPath = '/console/'): Promise<string> {
    const started = await this.visit(`/console/sign-in/oidc?return=${encodeURIComponent(returnPath)}`);
    if (started.status !== 303) throw new Error(`The sign-in does not begin: ${started.text}`);
    return started.location;
  }

  /** Consents at the issuer. @returns the address of the callback */
  async consent(issuerAddress: string): Promise<string> {
    const { location } = await new OidcBrowser(this.url).visit(issuerAddress);
    return location;
  }

  /** Goes to the issuer and comes back. */
  async goAndReturn(returnPath?: string): Promise<Returned> {
    return this.visit(await this.consent(await this.begin(returnPath)));
  }

  /** Sends the ticket of a fragment, as the page does. */
  async redeem(fragment: string, headers: Record<string, string | undefined> = {}): Promise<Answer> {
    const answer = await send(`${this.url}/console/sign-in/oidc`, {
      body: { ticket: fragment.replace(/^oidc\./, '') },
      headers: { cookie: this.cookie, origin: this.url, ...headers },
    });
    this.keep(answer.headers);
    return answer;
  }

  /** Signs in from beginning to end. @throws Error if the sign-in is refused */
  async signIn(): Promise<Person> {
    const returned = await this.goAndReturn();
    if (returned.status !== 303) throw new Error(`The sign-in is refused: ${returned.text}`);
    const { status, body } = await this.redeem(returned.fragment);
    if (status !== 200) throw new Error(`The ticket opens no session: ${JSON.stringify(body)}`);
    return personWith(this.url, this.cookie, body.token);
  }

  private keep(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=');
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}
