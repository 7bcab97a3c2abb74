import { Page } from '../../manage/page.tsx';

export const MembersPage = () => <Page title="Members">{null}</Page>;
