// A file that is no importance matrix, or a damaged one: why, and what else can be done with it.
import type { ImatrixCommand } from '../../src/protocol/imatrixView.ts';
import type { UnreadableView } from '../../src/protocol/modelView.ts';
import { Button } from '../shared/controls.tsx';
import { UnreadableFile } from '../shared/unreadableFile.tsx';
import type { ImatrixState } from './state.ts';

interface Props {
  readonly state: ImatrixState;
  readonly view: UnreadableView;
  readonly reload: () => void;
}

export function Unreadable({ state, view, reload }: Props) {
  const run = (command: ImatrixCommand) => (): void => {
    state.link.ask.run({ command }).catch(() => undefined); // the host tells the user what failed
  };
  return (
    <UnreadableFile view={view} as="an importance matrix" reload={reload}>
      {/\.gguf$/i.test(view.fileName) && (
        <Button appearance="secondary" onClick={run('showTensors')}>
          Show Tensors and Metadata
        </Button>
      )}
      <Button appearance="secondary" onClick={run('reopenAsHex')}>
        Reopen as hex
      </Button>
    </UnreadableFile>
  );
}
