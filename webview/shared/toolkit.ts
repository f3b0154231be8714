// Registers the controls of @vscode/webview-ui-toolkit that are in use, and nothing else imports it. Upstream is archived:
// a successor is put in here and in controls.tsx. Imported after the first paint, because it is larger than all the rest.
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeTextField } from '@vscode/webview-ui-toolkit';

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextField());
