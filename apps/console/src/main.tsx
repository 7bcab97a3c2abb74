// The entry of the console: uses the secret of a sign-in link, then shows the page at the address.
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createConsoleRouter } from './router.tsx';
import { queryClient } from './session/query-client.ts';
import { redeemFragment } from './session/sign-in.ts';
import { applyTheme } from './shell/theme.ts';
import './styles.css';

applyTheme();
const arrival = await redeemFragment();
const router = createConsoleRouter(arrival);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
