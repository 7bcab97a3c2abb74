export type { CrmData } from './crm/data.ts';
export type { CrmDocument } from './crm/document.ts';
export type { CrmRequest } from './crm/service.ts';
export { type Crm, type CrmOptions, startCrm } from './crm/start.ts';
export { type Vocabulary, vocabulary } from './crm/vocabulary.ts';
export { errands } from './errands.ts';
export type { CrmPlace } from './expected-sales.ts';
export { overRest, overTrpc, type Place, walkthrough, welcome } from './walkthrough.ts';
