/* global document, localStorage, location, matchMedia, sessionStorage */
// A file, since inline script is forbidden.
(function () {
  // So that a dark page never flashes white.
  var chosen = read(function () {
    return localStorage.getItem('mantine-color-scheme-value');
  });
  var dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');

  // What the home page shows is asked for while the program is still on its way (`api/http.ts` takes it).
  if (location.pathname !== '/' || location.search !== '') return;
  var headers = { accept: 'application/json' };
  var token = read(function () {
    return sessionStorage.getItem('otel-evolution.token');
  });
  if (token !== null) headers.authorization = 'Bearer ' + token;
  globalThis.firstReads = {};
  ['/stats', '/patterns?limit=3', '/patterns?status=demoted&limit=3'].forEach(function (path) {
    var answer = fetch('/api/v1' + path, { headers: headers });
    // Whoever takes it hears of it.
    answer.catch(function () {});
    globalThis.firstReads[path] = answer;
  });

  /** Storage may be forbidden: then nothing was chosen. */
  function read(of) {
    try {
      return of();
    } catch {
      return null;
    }
  }
})();
