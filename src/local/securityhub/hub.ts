import type { Clock } from '../clock.ts';
import { type Finding, NOT_TO_UPDATE, ofSecurityHub } from './finding.ts';

/** Security Hub of one account in one region. */
export class SecurityHub {
  /** A new account has not enabled it. */
  isEnabled = false;
  readonly #accountId: string;
  readonly #region: string;
  readonly #clock: Clock;
  readonly #findings = new Map<string, Finding>();

  constructor(accountId: string, region: string, clock: Clock) {
    this.#accountId = accountId;
    this.#region = region;
    this.#clock = clock;
  }

  /** `arn:aws:securityhub:us-east-1:123456789012:hub/default` */
  get arn(): string {
    return `arn:aws:securityhub:${this.#region}:${this.#accountId}:hub/default`;
  }

  /** The product of findings that the account makes itself. */
  get productArn(): string {
    return `arn:aws:securityhub:${this.#region}:${this.#accountId}:product/${this.#accountId}/default`;
  }

  /** Makes a finding, or updates the one of the same product and id. It has been checked. */
  put(finding: Finding): void {
    const key = JSON.stringify([finding.ProductArn, finding.Id]);
    const before = this.#findings.get(key);
    const kept = Object.fromEntries(NOT_TO_UPDATE.flatMap((name) => (before?.[name] ? [[name, before[name]]] : [])));
    const isBack = before?.RecordState === 'ARCHIVED' && finding.RecordState !== 'ARCHIVED';
    this.#findings.set(key, {
      ...before,
      ...finding,
      ...kept,
      ...ofSecurityHub(finding, { region: this.#region, now: this.#clock.now() }),
      // Documented: Security Hub sets it, and sets it again when an archived finding is active again.
      Workflow: before?.Workflow === undefined || isBack ? { Status: 'NEW' } : before.Workflow,
    });
  }

  /** All, in the order in which they were made. */
  list(): Finding[] {
    return [...this.#findings.values()];
  }
}
