import { spawn } from 'node:child_process';

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Shows `url` in the browser of whoever sits here, without waiting for it; `onFailure` where that cannot be done. */
export function openBrowser(url: string, onFailure: () => void): void {
  const [command = '', ...rest] = openers[process.platform] ?? ['xdg-open'];
  const opener = spawn(command, [...rest, url], { stdio: 'ignore', detached: true });
  opener.once('error', onFailure);
  opener.once('exit', (code) => {
    if (code !== 0) onFailure();
  });
  opener.unref();
}
