interface TrustedTypesFactory {
  createPolicy(name: 'default', rules: { createHTML: (text: string) => string }): unknown;
}

/**
 * The browser lets no text become markup (`require-trusted-types-for 'script'`). Libraries set the text of
 * style elements, and empty elements, through `innerHTML`: what has no `<` makes no element and may pass.
 */
export function forbidMarkup(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypesFactory };
  trustedTypes?.createPolicy('default', {
    createHTML(text) {
      if (!text.includes('<')) return text;
      throw new TypeError('Text must not become markup here.');
    },
  });
}
