/**
 * The control library tries out a selector in a style element when it is loaded, and takes the nonce for that from a
 * meta element. Without it the page's policy would log a violation and focus rings would show on clicks too. Imported
 * for its effect, before the library.
 */
const nonce = document.currentScript?.nonce;
if (nonce) {
  const meta = document.createElement("meta");
  meta.setAttribute("property", "csp-nonce");
  meta.content = nonce;
  document.head.append(meta);
}
