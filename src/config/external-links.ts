import type { ExternalLink } from '../model/service-desk';
import type { Checked } from './checked';

const placeholders = ['traceId', 'spanId', 'service', 'startMicros', 'startMillis'];
const expected =
  '[{ "name": "Jaeger", "urlTemplate": "http://localhost:16686/trace/{traceId}?uiFind={spanId}" }], http or https, with ' +
  placeholders.map((name) => `{${name}}`).join(' ');

/** Ways to the same trace in other tools: a script in a link would run with the dashboard's rights, so only http. */
export function externalLinks(value: unknown): Checked<readonly ExternalLink[]> {
  if (!Array.isArray(value)) return { expected };
  const links = (value as unknown[]).map(readLink);
  return links.every((link) => link !== null) ? { value: Object.freeze(links) } : { expected };
}

function readLink(value: unknown): ExternalLink | null {
  if (typeof value !== 'object' || value === null) return null;
  const { name, urlTemplate, ...rest } = value as Record<string, unknown>;
  if (typeof name !== 'string' || name.trim() === '' || Object.keys(rest).length > 0) return null;
  if (typeof urlTemplate !== 'string' || !/^https?:\/\/[^/{}]+/.test(urlTemplate)) return null;
  const used = [...urlTemplate.matchAll(/\{(.*?)\}/g)].map(([, word]) => word!);
  if (!used.every((word) => placeholders.includes(word))) return null;
  return URL.canParse(urlTemplate.replace(/[{}]/g, '')) ? { name, urlTemplate } : null;
}

/** `Jaeger=http://…/{traceId} Zipkin=…`, as an environment variable has it. */
export function linksOfText(text: string): unknown {
  return text
    .split(/\s+/)
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 1 ? part : { name: part.slice(0, at), urlTemplate: part.slice(at + 1) };
    });
}
