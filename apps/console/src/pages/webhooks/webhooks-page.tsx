import { Page } from '../../manage/page.tsx';

export const WebhooksPage = () => <Page title="Webhooks">{null}</Page>;
