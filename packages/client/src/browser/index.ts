export type {
  Answer,
  AnsweredInput,
  AnsweredQuestion,
  Approval,
  CreationAnswer,
  InputAnswer,
  Json,
  PendingEntry,
  Run,
  RunError,
  RunEvent,
  RunHandle,
  RunStatus,
  Summary,
} from '@errand/contracts';
export type { Problem } from '@errand/trpc-openapi/contract';
export { RequestFailed } from '../http/request-failed.ts';
export type {
  AnswerableRequest,
  AskInput,
  AskOptions,
  BrowserClient,
  BrowserClientOptions,
  Decision,
  PendingOptions,
} from './browser-client.ts';
export { createBrowserClient } from './browser-client.ts';
export { ConnectFailed, type ConnectOptions } from './connect.ts';
export type { StreamOptions, StreamState } from './follow.ts';
export type { CallOptions } from './send.ts';
export type { UserTokenAnswer } from './token-source.ts';
export type { WatchOptions } from './watch.ts';
