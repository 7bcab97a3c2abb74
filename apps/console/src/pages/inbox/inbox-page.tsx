export const InboxPage = () => <h1>Inbox</h1>;
