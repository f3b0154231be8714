// What stands in place of a page's contents: left-aligned text in the middle, that says what is so, then what to do.
import './standIn.css';
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

interface StandInProps {
  readonly icon: IconName;
  readonly title: string;
  /** 'h1' where it is the whole page. */
  readonly heading?: 'h1' | 'h2';
  readonly children: ComponentChildren;
}

export function StandIn({ icon, title, heading: Heading = 'h1', children }: StandInProps) {
  return (
    <div class="stand-in">
      <div class="inner">
        <Icon name={icon} />
        <Heading>{title}</Heading>
        {children}
      </div>
    </div>
  );
}
