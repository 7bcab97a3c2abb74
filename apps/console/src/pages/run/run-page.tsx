export const RunPage = () => <h1>Errand</h1>;
