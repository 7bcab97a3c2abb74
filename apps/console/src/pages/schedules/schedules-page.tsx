import { Page } from '../../manage/page.tsx';

export const SchedulesPage = () => <Page title="Schedules">{null}</Page>;
