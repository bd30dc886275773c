import { MantineProvider } from '@mantine/core';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from './api/http';
import { CommandProvider } from './commands/command-context';
import { router } from './router';
import { styleNonce } from './style-nonce';
import { theme } from './theme';

export function App() {
  const [client] = useState(makeClient);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <QueryClientProvider client={client}>
        <CommandProvider>
          <RouterProvider router={router} />
        </CommandProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function makeClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      // What is away for one is away for all: none shows as new what it has from before.
      onError: (error) => {
        if (!(error instanceof ApiError && error.passes)) return;
        void client.invalidateQueries({ predicate: ({ state }) => state.status === 'success' });
      },
    }),
    defaultOptions: {
      queries: {
        // The browser's own idea of being online says nothing about a server on this machine.
        networkMode: 'always',
        staleTime: 10_000,
        retry: false,
        // What is away is asked again until it is back; what is refused stays refused.
        refetchInterval: ({ state }) =>
          state.error instanceof ApiError && state.error.passes ? 2000 : false,
      },
    },
  });
  return client;
}
