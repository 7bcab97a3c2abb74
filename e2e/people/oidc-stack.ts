// A service that signs people in with an issuer, and browsers that do so.
import { settingsFor, startIssuer, type TestIssuer } from '../fixtures/identity-provider.ts';
import { loginLink } from '../fixtures/operator.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { sql } from './members.ts';
import { OidcBrowser, type Returned } from './oidc-browser.ts';
import { type Answer, aPerson, type Person } from './person.ts';

/** A workspace of the settings that does not exist at first. */
export const ACME = '0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04';
const GROUPS = {
  staff: { workspace: 'default', role: 'decider' },
  readers: { workspace: 'default', role: 'viewer' },
  admins: { workspace: 'default', role: 'admin' },
  acme: { workspace: ACME, role: 'operator' },
};

export type OidcStack = {
  issuer: TestIssuer;
  stack: Stack;
  /** The first administrator, who signed in with a link. */
  admin: Person;
  workspaceId: string;
  /** Calls an operation in the first workspace. */
  ask(person: Person, name: string, input?: object, options?: { mutation?: boolean }): Promise<Answer>;
  /** The session of a person, in the first workspace or another one. */
  get(person: Person, id?: string): Promise<Answer['body']>;
  /** Signs in as a user of the issuer, in a new browser. */
  signInAs(sub: string, groups?: readonly string[]): Promise<Person>;
  /** As `signInAs`, until the callback has answered. */
  returnAs(sub: string, groups?: readonly string[]): Promise<Returned>;
  /** Everything that a sign-in could leave behind, as text. */
  stored(): Promise<string>;
  close(): Promise<void>;
};

export const aUser = (sub: string, groups: readonly string[] = ['staff']) => ({ sub, name: sub.toUpperCase(), groups });

export async function startOidcStack(env: Record<string, string> = {}): Promise<OidcStack> {
  const issuer = await startIssuer();
  const stack = await startStack({ allow: [issuer.origin], env: { ...settingsFor(issuer, GROUPS), ...env } });
  const admin = await aPerson(stack.url, await loginLink(stack));
  const { workspaceId } = (await admin.call('session.get')).body.workspaces[0];
  const browserOf = (sub: string, groups?: readonly string[]) => {
    issuer.user = aUser(sub, groups);
    return new OidcBrowser(stack.url);
  };
  return {
    issuer,
    stack,
    admin,
    workspaceId,
    ask: (person, name, input = {}, options = {}) =>
      person.call(name, input, { ...options, headers: { 'x-errand-workspace': workspaceId } }),
    get: async (person, id = workspaceId) =>
      (await person.call('session.get', {}, { headers: { 'x-errand-workspace': id } })).body,
    signInAs: (sub, groups) => browserOf(sub, groups).signIn(),
    returnAs: (sub, groups) => browserOf(sub, groups).goAndReturn(),
    async stored() {
      const tables = ['person', 'person_identity', 'membership', 'console_session', 'console_login', 'audit'];
      const rows = await Promise.all(tables.map((name) => sql<{ t: string }>(stack, `SELECT t::text FROM ${name} t`)));
      return JSON.stringify(rows);
    },
    async close() {
      await stack.close();
      await issuer.close();
    },
  };
}
