import { Page } from '../../manage/page.tsx';

export const InstancePeoplePage = () => <Page title="People">{null}</Page>;
