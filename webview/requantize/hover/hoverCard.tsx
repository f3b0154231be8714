// The hover card of the plan: what a tensor is now, what it would become and why, and what that costs.
import './hoverCard.css';
import { effect, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { RequantizeState } from '../state.ts';
import { hoverOpen, hoverTarget, type HoverTarget } from './target.ts';

export function HoverCard(_props: { readonly state: RequantizeState }) {
  return null;
}
void [effect, useSignal, useEffect, useLayoutEffect, useMemo, useRef, hoverOpen, hoverTarget];
export type { HoverTarget };
