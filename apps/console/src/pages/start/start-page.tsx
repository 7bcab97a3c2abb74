import { Page } from '../../manage/page.tsx';

export const StartPage = () => <Page title="Start">{null}</Page>;
