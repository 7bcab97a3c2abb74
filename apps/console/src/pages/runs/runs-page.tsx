export const RunsPage = () => <h1>Errands</h1>;
