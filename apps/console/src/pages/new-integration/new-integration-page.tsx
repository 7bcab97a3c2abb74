import { Page } from '../../manage/page.tsx';

export const NewIntegrationPage = () => <Page title="Add an integration">{null}</Page>;
