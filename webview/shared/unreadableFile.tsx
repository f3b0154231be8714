// What stands for a file that cannot be read as what its page is for: why, where, and what else can be done with it.
import type { ComponentChildren } from 'preact';
import { formatCount, plural } from '../../src/core/base/units.ts';
import type { UnreadableView } from '../../src/protocol/modelView.ts';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';
import { StandIn } from './standIn.tsx';

interface Props {
  readonly view: UnreadableView;
  /** "a model". */
  readonly as: string;
  readonly reload: () => void;
  /** Further buttons. */
  readonly children: ComponentChildren;
}

export function UnreadableFile({ view, as, reload, children }: Props) {
  const { fileName, fileBytes, problems } = view;
  const [first, ...others] = problems;
  return (
    <main class="page">
      <StandIn icon="file-binary" title={`This file cannot be read as ${as}`}>
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
          {first !== undefined && (
            <>
              <dt>Code</dt>
              <dd class="mono">{first.code}</dd>
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
          {children}
        </p>
      </StandIn>
    </main>
  );
}
