// Cancellation as the layers below the hosts see it. The standard AbortSignal fits this type.

export interface CancelSignal {
  readonly aborted: boolean;
}

export const NEVER_CANCELLED: CancelSignal = { aborted: false };
