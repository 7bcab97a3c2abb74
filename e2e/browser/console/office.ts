// A service with a CRM, reached through a proxy, and people who are signed in at its console.
import type { Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { freePort } from '../../fixtures/free-port.ts';
import { loginLink, type Operated } from '../../fixtures/operator.ts';
import { type Stack, type StackOptions, startStack } from '../../fixtures/stack.ts';
import { type Api, overRest } from '../../fixtures/transports.ts';
import { type Window, withBrowser } from '../window.ts';
import { type Front, startFront } from './front.ts';

export type Office = {
  stack: Stack;
  front: Front;
  api: Api;
  /** The address of the service without the proxy. */
  direct: string;
  /** For commands of the operator. */
  operated: Operated;
  workspaceId: string;
  /** The address of a page of the first workspace. */
  at(path: string): string;
};
export type SignedIn = Window & {
  /** Opens another tab of the same browser. */
  tab(): Promise<Page>;
};

/** @param optionsOf the stack, or a function that first starts what the stack must reach
 * @returns the office of a file, and a function that opens a browser of an administrator at a page */
export function withOffice(optionsOf: StackOptions | (() => Promise<StackOptions>) = {}) {
  const openWindow = withBrowser();
  let office: Office;
  beforeAll(async () => {
    const options = typeof optionsOf === 'function' ? await optionsOf() : optionsOf;
    const front = await startFront();
    const port = await freePort();
    const direct = `http://127.0.0.1:${port}`;
    const env = { PUBLIC_URL: front.url, ERRAND_PORT: String(port), ...options.env };
    const stack = await startStack({ ...options, env });
    front.lead(direct);
    const api = overRest({ url: direct, apiKey: stack.apiKey });
    const session = (await api.session.get({})) as { workspace: { workspaceId: string } };
    const { workspaceId } = session.workspace;
    const { databaseUrl, dataDir } = stack;
    const operated = { databaseUrl, dataDir, url: front.url };
    office = {
      stack,
      front,
      api,
      direct,
      operated,
      workspaceId,
      at: (path) => `${front.url}/console/w/${workspaceId}${path}`,
    };
    return async () => {
      await front.close();
      await stack.close();
    };
  });
  /** @param link of an invitation; by default the administrator signs in */
  const open = async (path: string, { link }: { link?: string } = {}): Promise<SignedIn> => {
    const opened = await openWindow();
    await opened.page.goto(link ?? `${office.front.url}/console/#${await loginLink(office.operated)}`);
    await opened.page.getByRole('heading', { level: 1, name: /^(Start|Errands)$/ }).waitFor();
    await opened.page.goto(office.at(path));
    return { ...opened, tab: () => opened.page.context().newPage() };
  };
  return { office: () => office, open };
}
