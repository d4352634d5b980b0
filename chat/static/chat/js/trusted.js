/**
 * Where a browser knows Trusted Types, the page's Content-Security-Policy lets no string become HTML or a script but
 * what comes out of here, and no other policies than these two.
 */

const { trustedTypes } = /** @type {{trustedTypes?: any}} */ (globalThis);

const messages = trustedTypes?.createPolicy("chat-message", { createHTML: cleanedByServer });
const workers = trustedTypes?.createPolicy("chat-worker", { createScriptURL: ofThisSite });

/** @param {string} html Of a message. @returns {string} For `innerHTML` and `DOMParser`. */
export function messageHtml(html) {
  return messages ? messages.createHTML(html) : html;
}

/** @param {string} address @returns {string} For `Worker`. */
export function workerAddress(address) {
  return workers ? workers.createScriptURL(address) : address;
}

/** It was sanitised before it was stored; the same HTML stands in the page that the server draws itself. @param {string} html */
function cleanedByServer(html) {
  return html;
}

/** @param {string} address @returns {string} */
function ofThisSite(address) {
  const { origin, href } = new URL(address, location.href);
  if (origin !== location.origin) throw new TypeError("A worker comes from this site alone");
  return href;
}
