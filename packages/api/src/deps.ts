import type { SigningKeys } from '@errand/basics/signed-token';
import type { Db, ToolsJob } from '@errand/db';
import type { Engine } from '@errand/engine';
import type { Sandbox } from '@errand/plan';
import type { Catalog } from '@errand/ports/catalog';
import type { Connector, PassThroughs, TryIntegration, TryToken } from '@errand/ports/credentials';
import type { Importer } from '@errand/ports/importer';
import type { ReadLogo } from '@errand/ports/logos';
import type { AllowedOrigins } from '@errand/ports/origins';
import type { ToolSearch } from '@errand/ports/toolbox';
import type { ConsolePort } from './console/console-port.ts';
import type { OidcPort } from './console/oidc/oidc-port.ts';
import type { BrowserOrigins } from './cors/browser-origins.ts';
import type { InstanceFacts } from './instance/instance-facts.ts';
import type { LargeAnswers } from './limits/large-answers.ts';
import type { CallerRateLimit } from './limits/rate-limit.ts';
import type { WaitSlots } from './limits/wait-slots.ts';
import type { ApprovalPort } from './links/approval-links.ts';
import type { ConsentPort } from './links/consent-links.ts';
import type { QuestionPort } from './links/question-links.ts';
import type { ListPages } from './lists/list-pages.ts';
import type { TokenPort } from './mcp/token-port.ts';
import type { PageBrands } from './pages/page-frames.ts';
import type { StreamSlots } from './stream-slots.ts';

/** Dependencies of the handlers. */
export type ApiDeps = {
  db: Pick<
    Db,
    | 'addErasureJob'
    | 'apiKeys'
    | 'userTokens'
    | 'forWorkspace'
    | 'poolOf'
    | 'workspaces'
    | 'workspaceSettings'
    | 'people'
    | 'members'
    | 'sessions'
    | 'consoleLinks'
    | 'consoleLogins'
    | 'identities'
    | 'platformKeys'
    | 'instanceWorkspaces'
    | 'status'
    | 'instancePeople'
    | 'workspaceSettings'
  >;
  engine: Engine;
  importer: Importer;
  /** Services that integrations can be made from by their name. */
  catalog: Catalog;
  sandbox: Sandbox;
  instance: InstanceFacts;
  /** The metrics of all processes of this machine. */
  metrics: { contentType: string; read: () => Promise<string> };
  console: ConsolePort;
  /** The OIDC issuer with which people sign in, if there is one. */
  oidc?: OidcPort | undefined;
  /** Links to decisions. */
  approvals: ApprovalPort;
  /** Links to questions and input requests. */
  questions: QuestionPort;
  /** Keys for the state of questions to users of agents: the first key signs, all keys are accepted. */
  agentStateKeys: () => SigningKeys;
  /** Checks access tokens at `/mcp`. */
  tokens: TokenPort;
  /** Links to pages on which users consent. */
  consents: ConsentPort;
  connector: Connector;
  /** Schedules a job that reads the tools of an MCP server, in any process. */
  readToolsLater: (job: ToolsJob) => Promise<void>;
  readLogo: ReadLogo;
  tryToken: TryToken;
  tryIntegration: TryIntegration;
  searchTools: ToolSearch;
  passThroughs: PassThroughs;
  /** Clears caches after integrations, tools, credentials or approval rules of a workspace have changed. */
  accessChanged: (workspaceId: string) => void;
  /** Rejects a URL that the service may not call for a workspace. */
  checkUrl: (workspaceId: string, url: string) => Promise<URL>;
  allowedOrigins: AllowedOrigins;
  /** Origins of web pages that may call `/v1` and `/trpc`; none: no page of another origin may. */
  corsOrigins: readonly string[];
  /** Those that a workspace lists. */
  browserOrigins: BrowserOrigins;
  /** Processes on this port, between which the requests of an address are spread; 1 unless set. */
  processes?: number | undefined;
  /** Pages of lists and their cursors. */
  lists: ListPages;
  /** The brands of pages. */
  brands: PageBrands;
  /** Limits open streams. */
  streamSlots: StreamSlots;
  /** Limits the memory for large answers. */
  largeAnswers: LargeAnswers;
  /** Limits requests that wait for runs. */
  waitSlots: WaitSlots;
  /** Limits the requests of each key. */
  rate: CallerRateLimit;
};

/** The dependencies that the caller of `mountApi` provides. */
export type MountDeps = Omit<
  ApiDeps,
  'streamSlots' | 'waitSlots' | 'rate' | 'largeAnswers' | 'lists' | 'brands' | 'browserOrigins'
> & {
  /** Keys for the cursors of lists: the first key signs, all keys are accepted. */
  cursorKeys: () => SigningKeys;
};
