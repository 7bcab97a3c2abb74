// Renders the recipe on a server, after its query was answered, and after a refusal. Prints the HTML.
import { readFileSync } from 'node:fs';
import { renderToString } from 'react-dom/server';
import { App, errandQueries } from './tanstack-query.js';

const { url, apiKey } = JSON.parse(readFileSync('.errand/dev.json', 'utf8'));
const queries = errandQueries(url, apiKey);
await queries.queryClient.prefetchQuery(queries.errand.runs.list.queryOptions({ pageSize: 10 }));
console.log(renderToString(<App {...queries} />));
