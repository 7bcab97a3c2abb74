import type { SigningKeys } from '@errand/basics/signed-token';
import type { Db, ToolsJob } from '@errand/db';
import type { Engine } from '@errand/engine';
import type { Sandbox } from '@errand/plan';
import type { Connector, PassThroughs, TryToken } from '@errand/ports/credentials';
import type { Importer } from '@errand/ports/importer';
import type { ToolSearch } from '@errand/ports/toolbox';
import type { LargeAnswers } from './limits/large-answers.ts';
import type { CallerRate } from './limits/rate-limit.ts';
import type { WaitSlots } from './limits/wait-slots.ts';
import type { ApprovalPort } from './links/approval-links.ts';
import type { ConsentPort } from './links/consent-links.ts';
import type { QuestionPort } from './links/question-links.ts';
import type { TokenPort } from './mcp/token-port.ts';
import type { StreamSlots } from './stream-slots.ts';

/** The rooms behind the API. */
export type ApiDeps = {
  db: Pick<Db, 'apiKeys' | 'forWorkspace' | 'poolOf' | 'workspaces'>;
  engine: Engine;
  importer: Importer;
  sandbox: Sandbox;
  /** Links to decisions. */
  approvals: ApprovalPort;
  /** Links to questions, and to what services ask. */
  questions: QuestionPort;
  /** Keys that sign what is asked of the person at an agent: the first one signs, all are accepted. */
  agentStateKeys: () => SigningKeys;
  /** Access tokens that count at `/mcp`. */
  tokens: TokenPort;
  /** Links to pages on which users consent. */
  consents: ConsentPort;
  connector: Connector;
  /** Has the tools of an MCP server read soon, by any process. */
  readToolsLater: (job: ToolsJob) => Promise<void>;
  tryToken: TryToken;
  searchTools: ToolSearch;
  passThroughs: PassThroughs;
  /** Called when integrations, tools, credentials or approval rules of a workspace have changed, so that nothing old stays cached. */
  accessChanged: (workspaceId: string) => void;
  /** Checks a URL that is to be called. Rejects one that may not be. */
  checkUrl: (url: string) => Promise<URL>;
  /** Limits of open streams. */
  streams: StreamSlots;
  /** Limits the memory of large answers. */
  largeAnswers: LargeAnswers;
  /** Limits of requests that wait for runs. */
  waits: WaitSlots;
  /** Requests that keys may make. */
  rate: CallerRate;
};

/** The dependencies that come from outside; the others are made when the API is mounted. */
export type MountDeps = Omit<ApiDeps, 'streams' | 'waits' | 'rate' | 'largeAnswers'>;
