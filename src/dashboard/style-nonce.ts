/** The nonce that this page's policy allows style elements with. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}

/** For the scroll lock of dialogs, which asks for a nonce where webpack would put it. */
export function setStyleNonce(): void {
  (globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = styleNonce();
}
