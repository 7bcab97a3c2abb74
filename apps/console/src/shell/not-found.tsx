import { Link } from '@tanstack/react-router';

export const NotFound = () => (
  <main className="mx-auto max-w-xl p-8">
    <h1 className="text-xl font-semibold">There is no such page</h1>
    <p>
      The address may be incomplete.{' '}
      <Link to="/" className="text-accent underline">
        Go to the errands
      </Link>
      .
    </p>
  </main>
);
