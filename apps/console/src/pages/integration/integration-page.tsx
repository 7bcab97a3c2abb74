import { Page } from '../../manage/page.tsx';

export const IntegrationPage = () => <Page title="Integration">{null}</Page>;
