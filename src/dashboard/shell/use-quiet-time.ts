import { useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

/** By then the first page shows what it was opened for. */
const firstPageMillis = 1_500;

/**
 * True some time after the start. From then on the code of the other pages is read as well, so that they open at once, and
 * open at all while the server is away.
 */
export function useQuietTime(): boolean {
  const router = useRouter();
  const [quiet, setQuiet] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => {
      setQuiet(true);
      for (const route of Object.values(router.routesById)) {
        // Whoever opens the page asks again, and says what is wrong.
        router.loadRouteChunk(route)?.catch(() => undefined);
      }
    }, firstPageMillis);
    return () => window.clearTimeout(timer);
  }, [router]);
  return quiet;
}
