import { createHash } from 'node:crypto';

/** Gives ids of resources as EC2 writes them: `sg-` and 17 hexadecimal digits. */
export type NewId = (prefix: 'eni' | 'pl' | 'sg' | 'sgr' | 'vpc' | 'vpce' | 'vpce-svc') => string;

/**
 * New ids for one account in one region. They look like any, and are the same for the same calls in the same order, so that
 * a seed draws the same faults again.
 */
export function resourceIds(accountId: string, region: string): NewId {
  const made = new Map<string, number>();
  return (prefix) => {
    const number = (made.get(prefix) ?? 0) + 1;
    made.set(prefix, number);
    const text = [accountId, region, prefix, number].join(' ');
    return `${prefix}-${createHash('sha256').update(text).digest('hex').slice(0, 17)}`;
  };
}
