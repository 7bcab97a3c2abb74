import { Page } from '../../manage/page.tsx';

export const UsersPage = () => <Page title="Users">{null}</Page>;
