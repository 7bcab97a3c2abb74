import { Page } from '../../manage/page.tsx';

export const InstanceWorkspacesPage = () => <Page title="Workspaces">{null}</Page>;
