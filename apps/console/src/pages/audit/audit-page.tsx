import { Page } from '../../manage/page.tsx';

export const AuditPage = () => <Page title="Audit log">{null}</Page>;
