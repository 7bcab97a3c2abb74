import { Page } from '../../manage/page.tsx';

export const WebhookPage = () => <Page title="Webhook">{null}</Page>;
