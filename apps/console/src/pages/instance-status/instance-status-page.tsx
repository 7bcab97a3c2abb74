import { Page } from '../../manage/page.tsx';

export const InstanceStatusPage = () => <Page title="System status">{null}</Page>;
