// Style sheets are imported for their effect: the build collects them into dist/webview.css.
declare module "*.css";
