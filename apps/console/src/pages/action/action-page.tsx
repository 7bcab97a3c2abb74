import { Page } from '../../manage/page.tsx';

export const ActionPage = () => <Page title="Action">{null}</Page>;
