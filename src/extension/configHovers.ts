// Hovers where a quantized checkpoint is configured, in the text editor: on the quantization in config.json, and on the entries of an
// index. They say what the layers really are, and lead to the model.
import * as vscode from 'vscode';
import type { ModelReader } from '../app/ports.ts';
import { layerHover, quantizationHover } from '../app/present/configHovers.ts';
import { jsonKeyAt } from '../app/present/jsonKey.ts';
import { COMMANDS } from './ids.ts';

const CONFIG: vscode.DocumentFilter = { scheme: 'file', pattern: '**/config.json' };
const INDEX: vscode.DocumentFilter = { scheme: 'file', pattern: '**/*.safetensors.index.json' };
const QUANTIZATION_KEYS: ReadonlySet<string> = new Set([
  'quantization_config',
  'compression_config',
  'quantization',
]);
/** Names of tensors are shorter; an index may be one line of megabytes. */
const MAX_KEY = 4096;

export function registerConfigHovers(reader: ModelReader, log: vscode.LogOutputChannel): vscode.Disposable {
  const hoverFrom = (
    explain: (uri: vscode.Uri, key: string, signal: AbortSignal) => Promise<Explained | null>,
  ): vscode.HoverProvider => ({
    async provideHover(document, position, token) {
      const found = keyAt(document, position);
      if (found === null) return null;
      const abort = new AbortController();
      const cancelling = token.onCancellationRequested(() => abort.abort());
      try {
        const explained = await explain(document.uri, found.key, abort.signal);
        return explained === null ? null : new vscode.Hover(markdown(explained), found.range);
      } catch (error) {
        if (!abort.signal.aborted)
          log.warn(`No hover: ${error instanceof Error ? error.message : String(error)}`);
        return null; // a model that cannot be read has nothing to say here; its own editor says why
      } finally {
        cancelling.dispose();
      }
    },
  });
  return vscode.Disposable.from(
    vscode.languages.registerHoverProvider(
      CONFIG,
      hoverFrom(async (uri, key, signal) => {
        if (!QUANTIZATION_KEYS.has(key)) return null;
        const model = await modelBeside(uri);
        if (model === null) return null;
        const snapshot = await reader.open(model.fsPath, signal);
        return snapshot.kind === 'model' ? { text: quantizationHover(snapshot), model } : null;
      }),
    ),
    vscode.languages.registerHoverProvider(
      INDEX,
      hoverFrom(async (uri, key, signal) => {
        const layer = await reader.layer(uri.fsPath, key, signal);
        return layer === null ? null : { text: layerHover(layer), model: uri };
      }),
    ),
  );
}

interface Explained {
  readonly text: string;
  /** What the link opens. */
  readonly model: vscode.Uri;
}

/** Only this one command can be run from it, whatever the text from the file says. */
function markdown({ text, model }: Explained): vscode.MarkdownString {
  const link = `command:${COMMANDS.openAsModel}?${encodeURIComponent(JSON.stringify([model]))}`;
  const content = new vscode.MarkdownString(`${text}\n\n[Open Model](${link})`);
  content.isTrusted = { enabledCommands: [COMMANDS.openAsModel] };
  return content;
}

/** The key of an object at a position. */
function keyAt(
  document: vscode.TextDocument,
  position: vscode.Position,
): { readonly key: string; readonly range: vscode.Range } | null {
  const first = Math.max(0, position.character - MAX_KEY);
  const window = new vscode.Range(position.with({ character: first }), position.translate(0, MAX_KEY));
  const found = jsonKeyAt(document.getText(document.validateRange(window)), position.character - first);
  if (found === null) return null;
  const at = (character: number): vscode.Position => position.with({ character: first + character });
  return { key: found.key, range: new vscode.Range(at(found.from), at(found.to)) };
}

/** The model in the folder of a configuration: an index before single files, "model" before other names. */
async function modelBeside(config: vscode.Uri): Promise<vscode.Uri | null> {
  const folder = vscode.Uri.joinPath(config, '..');
  const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name).sort();
  const choose = (ending: string): string | undefined =>
    names.find((name) => name === `model${ending}`) ?? names.find((name) => name.endsWith(ending));
  const name = choose('.safetensors.index.json') ?? choose('.safetensors');
  return name === undefined ? null : vscode.Uri.joinPath(folder, name);
}
