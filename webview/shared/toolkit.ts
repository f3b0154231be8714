// Registers the controls of @vscode/webview-ui-toolkit that are in use, and nothing else imports it. Upstream is archived:
// a successor is put in here and in controls.tsx. It listens to the page's load event: import it with the page, not later.
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeTextField } from '@vscode/webview-ui-toolkit';

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextField());
