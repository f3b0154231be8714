// What stands in place of a model: a pointer that was not fetched, a file that cannot be read, a file without tensors.
// Each says what is so, with the facts, then what to do.
import { formatBytes, plural } from '../../src/core/base/units.ts';
import type { PageCommand } from '../../src/protocol/inspector.ts';
import type { ModelView, PointerView, UnreadableView } from '../../src/protocol/modelView.ts';
import { Button } from '../shared/controls.tsx';
import { StandIn } from '../shared/standIn.tsx';
import { UnreadableFile } from '../shared/unreadableFile.tsx';
import type { InspectorState } from './state.ts';
import { copyText } from '../shared/link.ts';

export function PointerPage({
  state,
  pointer,
}: {
  readonly state: InspectorState;
  readonly pointer: PointerView;
}) {
  const { pointerBytes, size, oid, command } = pointer;
  return (
    <main class="page">
      <StandIn icon="cloud-download" title="The model is not downloaded yet">
        <p>
          {pointer.fileName} is a Git LFS pointer of {formatBytes(pointerBytes)}. It stands for a file of{' '}
          {formatBytes(size)} that has not been fetched.
        </p>
        <dl class="pairs">
          <dt>Size</dt>
          <dd>{plural(size, 'byte')}</dd>
          <dt>SHA-256</dt>
          <dd class="mono cut" title={oid}>
            {oid}
          </dd>
          <dt>Fetch with</dt>
          <dd class="mono">{command}</dd>
        </dl>
        <p class="buttons">
          <Button appearance="primary" icon="copy" onClick={() => copyText(state.link, command)}>
            Copy command
          </Button>
          <Button appearance="secondary" onClick={runs(state, 'reopenAsText')}>
            Reopen as text
          </Button>
        </p>
        <p class="muted">The page reloads by itself when the file changes.</p>
      </StandIn>
    </main>
  );
}

interface UnreadableProps {
  readonly state: InspectorState;
  readonly view: UnreadableView;
  readonly reload: () => void;
}

export function Unreadable({ state, view, reload }: UnreadableProps) {
  return (
    <UnreadableFile view={view} as="a model" reload={reload}>
      <Button appearance="secondary" onClick={runs(state, 'reopenAsText')}>
        Reopen as text
      </Button>
      <Button appearance="secondary" onClick={runs(state, 'reopenAsHex')}>
        Reopen as hex
      </Button>
    </UnreadableFile>
  );
}

/** The request itself failed. */
export function Failed({ text, reload }: { readonly text: string; readonly reload: () => void }) {
  return (
    <main class="page">
      <StandIn icon="warning" title="The model could not be opened">
        <p>{text}</p>
        <p class="buttons">
          <Button appearance="primary" icon="refresh" onClick={reload}>
            Try again
          </Button>
        </p>
      </StandIn>
    </main>
  );
}

/** A readable file without weights. */
export function NoTensors({ state, model }: { readonly state: InspectorState; readonly model: ModelView }) {
  const vocabulary = model.metadata.some(({ key }) => key === 'tokenizer.ggml.tokens');
  return (
    <StandIn
      icon="info"
      heading="h2"
      title={vocabulary ? 'A vocabulary without weights' : 'This file has no tensors'}
    >
      <p>
        The file is complete as it is: its header holds{' '}
        {plural(model.metadataCount, 'metadata entry', 'metadata entries')}
        {vocabulary ? ', the vocabulary among them,' : ''} and no tensors.
      </p>
      {model.metadataCount > 0 && (
        <p class="buttons">
          <Button appearance="primary" onClick={() => (state.tab.value = 'metadata')}>
            Show metadata
          </Button>
        </p>
      )}
    </StandIn>
  );
}

const runs =
  (state: InspectorState, command: PageCommand): (() => void) =>
  () =>
    void state.link.ask.run({ command }).catch(() => undefined); // the host tells the user what failed
