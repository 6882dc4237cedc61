/**
 * When the control library is loaded, it tests a selector in a style element, with the nonce from a meta element.
 * Without the nonce, the content security policy would report a violation, and clicks would show focus rings. Import
 * this file before the library.
 */
const nonce = document.currentScript?.nonce;
if (nonce) {
  const meta = document.createElement("meta");
  meta.setAttribute("property", "csp-nonce");
  meta.content = nonce;
  document.head.append(meta);
}
