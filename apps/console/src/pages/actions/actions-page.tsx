import { Page } from '../../manage/page.tsx';

export const ActionsPage = () => <Page title="Actions">{null}</Page>;
