import { Page } from '../../manage/page.tsx';

export const SettingsPage = () => <Page title="Settings">{null}</Page>;
