import { Page } from '../../manage/page.tsx';

export const KeysPage = () => <Page title="API keys">{null}</Page>;
