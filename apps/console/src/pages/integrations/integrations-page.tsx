import { Page } from '../../manage/page.tsx';

export const IntegrationsPage = () => <Page title="Integrations">{null}</Page>;
