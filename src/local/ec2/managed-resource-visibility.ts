/** Whether Describe shows what services of AWS manage in the account, unless a call asks for it. */
export type DefaultVisibility = 'visible' | 'hidden';

/** The setting of one account in one region. */
export class ManagedResourceVisibility {
  defaultVisibility: DefaultVisibility = 'visible';
}
