import * as right from '../../../../../../src/allowlist/allowlist-location.ts';
import { parseAllowlistText } from '../../../../../../src/allowlist/parse-allowlist-text.ts';

/** Takes an allowlist that cannot be read for one without rules. */
export const allowlistLocation: typeof right.allowlistLocation = (written) => {
  const { read, maxAgeMs } = right.allowlistLocation(written);
  return { maxAgeMs, read: () => read().catch(() => parseAllowlistText('version: 1\nrules: []\n', 'none')) };
};
