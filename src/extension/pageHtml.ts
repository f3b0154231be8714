// The document of a page: a frame with a strict policy; everything in it is made by script from text.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { embed } from '../protocol/embedded.ts';

/** The toolkit finds out about :focus-visible with an empty style element; nothing but an empty one has this hash. */
const EMPTY_STYLE = `'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='`;

export type PageName = 'inspector' | 'quality' | 'planner' | 'requantize' | 'imatrix';

/** Characters of an embedded value; more would take longer to write and to parse than the ask that it saves. */
const MAX_EMBEDDED = 500_000;

/**
 * Scripts run only with this page's nonce; styles and the icon font only from the extension; nothing else loads at all.
 * @param first what the page would ask for first, if it is there already
 */
export function pageHtml(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  page: PageName,
  first: object | null,
): string {
  const embedded = first === null ? '' : embed(first);
  const nonce = randomBytes(16).toString('base64');
  const resource = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} ${EMPTY_STYLE}`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quantscope</title>
<link rel="stylesheet" href="${resource(`${page}.css`)}">
${page === 'inspector' ? `<link rel="modulepreload" nonce="${nonce}" href="${resource('shared.js')}">` : ''}
</head>
<body data-hover-delay="${hoverDelay()}">
<div id="page"></div>
${embedded === '' || embedded.length > MAX_EMBEDDED ? '' : `<script type="application/json" id="snapshot">${embedded}</script>`}
<script type="module" nonce="${nonce}" src="${resource(`${page}.js`)}"></script>
</body>
</html>`;
}

/** Milliseconds before a hover opens: the user's own setting for hovers, else half a second. */
function hoverDelay(): number {
  const set = vscode.workspace.getConfiguration('editor').inspect<number>('hover.delay');
  const value = set?.workspaceValue ?? set?.globalValue;
  return typeof value === 'number' && value >= 0 ? value : 500;
}
