// One icon. It says nothing by itself: the words stand beside it or in the name of its button.

/** Those whose code points stand in icons.css. */
export type IconName =
  | 'add'
  | 'arrow-down'
  | 'arrow-up'
  | 'check'
  | 'chevron-down'
  | 'chevron-left'
  | 'chevron-right'
  | 'close'
  | 'cloud-download'
  | 'copy'
  | 'dashboard'
  | 'discard'
  | 'ellipsis'
  | 'error'
  | 'export'
  | 'file-binary'
  | 'filter'
  | 'fold'
  | 'graph'
  | 'info'
  | 'pass'
  | 'play'
  | 'primitive-square'
  | 'redo'
  | 'refresh'
  | 'search'
  | 'warning';

export function Icon({ name }: { readonly name: IconName }) {
  return <span class={`codicon codicon-${name}`} aria-hidden="true" />;
}
