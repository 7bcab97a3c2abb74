import { Page } from '../../manage/page.tsx';

export const UserPage = () => <Page title="User">{null}</Page>;
