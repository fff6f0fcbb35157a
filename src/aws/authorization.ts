/** What came of an authorization that did not fail. */
export interface Authorization {
  readonly result: 'restored' | 'already-there';
  readonly requestId: string | undefined;
}
