import { startCalendar, startCrm } from '@errand/demo';
import { bearer, type TestedService } from './running-service.ts';

const TOKEN = 'crm_evals';

const startedCrm = async () => {
  const crm = await startCrm({ token: TOKEN });
  return { ...crm, baseUrl: `${crm.url}/v1`, auth: bearer(TOKEN) };
};

const SCOPES = { 'calendar.read': 'Read events', 'calendar.write': 'Change events' };
const USER = { user: 'dana', scope: Object.keys(SCOPES) };

const startedCalendar = async () => {
  const authorization = { url: 'http://127.0.0.1:9', scopes: SCOPES, check: () => USER };
  const calendar = await startCalendar({ authorization });
  return { ...calendar, baseUrl: `${calendar.url}/v1`, auth: bearer('any') };
};

async function documentOf(start: () => Promise<{ document: object; close(): Promise<void> }>): Promise<object> {
  const { document, close } = await start();
  await close();
  return document;
}

const paging = ['limit', 'offset'];

export const demoServices: readonly TestedService[] = [
  { id: 'crm', name: 'Harbor CRM', paging, document: () => documentOf(startedCrm), start: startedCrm },
  { id: 'calendar', name: 'Harbor Calendar', document: () => documentOf(startedCalendar), start: startedCalendar },
];
