export const NewErrandPage = () => <h1>New</h1>;
