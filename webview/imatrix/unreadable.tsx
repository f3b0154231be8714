// A file that is no importance matrix, or a damaged one: why, and what else can be done with it.
import { formatCount, plural } from '../../src/core/base/units.ts';
import type { ImatrixCommand } from '../../src/protocol/imatrixView.ts';
import type { UnreadableView } from '../../src/protocol/modelView.ts';
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/icon.tsx';
import { StandIn } from '../shared/standIn.tsx';
import type { ImatrixState } from './state.ts';

interface Props {
  readonly state: ImatrixState;
  readonly view: UnreadableView;
  readonly reload: () => void;
}

export function Unreadable({ state, view, reload }: Props) {
  const { fileName, fileBytes, problems } = view;
  const [first, ...others] = problems;
  const run = (command: ImatrixCommand) => (): void => {
    state.link.ask.run({ command }).catch(() => undefined); // the host tells the user what failed
  };
  return (
    <main class="page">
      <StandIn icon="file-binary" title="This file cannot be read as an importance matrix">
        {first !== undefined && (
          <p class="reason">
            <Icon name={first.severity} />
            {first.text}
          </p>
        )}
        <dl class="pairs">
          <dt>File</dt>
          <dd>{fileName}</dd>
          {fileBytes !== null && (
            <>
              <dt>Size</dt>
              <dd>{plural(fileBytes, 'byte')}</dd>
            </>
          )}
          {first !== undefined && first.byteOffset !== null && (
            <>
              <dt>At byte</dt>
              <dd>{formatCount(first.byteOffset)}</dd>
            </>
          )}
        </dl>
        {others.length > 0 && (
          <ul class="others">
            {others.map((problem, index) => (
              <li key={index}>
                <Icon name={problem.severity} />
                {problem.text}
              </li>
            ))}
          </ul>
        )}
        <p class="buttons">
          <Button appearance="primary" icon="refresh" onClick={reload}>
            Try again
          </Button>
          {/\.gguf$/i.test(fileName) && (
            <Button appearance="secondary" onClick={run('showTensors')}>
              Show Tensors and Metadata
            </Button>
          )}
          <Button appearance="secondary" onClick={run('reopenAsHex')}>
            Reopen as hex
          </Button>
        </p>
      </StandIn>
    </main>
  );
}
