import { Page } from '../../manage/page.tsx';

export const UsagePage = () => <Page title="Usage">{null}</Page>;
