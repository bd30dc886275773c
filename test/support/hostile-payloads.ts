const beacon = 'window.__executed=(window.__executed||0)+1';
const wrappings: readonly ((script: string) => string)[] = [
  (s) => `<script>${s}</script>`,
  (s) => `"><script>${s}</script>`,
  (s) => `'><img src=x onerror="${s}">`,
  (s) => `<img src=x onerror=${s}>`,
  (s) => `<svg onload="${s}"/>`,
  (s) => `<svg><script>${s}</script></svg>`,
  (s) => `<svg><animate onbegin="${s}" attributeName=x dur=1s>`,
  (s) => `<iframe srcdoc="<script>parent.${s}</script>"></iframe>`,
  (s) => `<iframe src="javascript:${s}"></iframe>`,
  (s) => `<details open ontoggle="${s}">`,
  (s) => `<body onload="${s}">`,
  (s) => `<style>@import 'javascript:${s}';</style>`,
  (s) => `<math><mtext><table><mglyph><style><img src=x onerror="${s}">`,
  (s) => `<a href="javascript:${s}">link</a>`,
  (s) => `[link](javascript:${s})`,
  (s) => `![image](x" onerror="${s})`,
  (s) => `javascript:${s}`,
  (s) => `data:text/html,<script>${s}</script>`,
  (s) => `{{constructor.constructor('${s}')()}}`,
  (s) => `\${${s}}`,
  (s) => `<%= ${s} %>`,
  (s) => `\u001b]8;;javascript:${s}\u0007link\u001b]8;;\u0007`,
  (s) => `\u202e<script>${s}</script>\u202c`,
  (s) => `<scr\u200bipt>${s}</scr\u200bipt><script>${s}</script>`,
  (s) => `</title><script>${s}</script>`,
  (s) => `</textarea><script>${s}</script>`,
  (s) => `<!--><script>${s}</script>-->`,
  (s) => `<noscript><p title="</noscript><img src=x onerror=${s}>">`,
  (s) => `<template><script>${s}</script></template>`,
  (s) => `<object data="javascript:${s}">`,
];
const encodings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase().replaceAll('WINDOW.__EXECUTED', 'window.__executed'),
  (text) => text.replace(/</g, '&lt;'),
  (text) => text.replace(/</g, '\\u003c'),
  (text) => `__proto__${text}`,
];
/** Markup, links, templates and control characters that would set `window.__executed`. */
export const hostilePayloads = wrappings.flatMap((wrap) =>
  encodings.map((encode) => encode(wrap(beacon))),
);
