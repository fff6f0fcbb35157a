/** What a judge does not like about a resource. */
export interface Finding {
  readonly rule: string;
  /** Its logical id. */
  readonly resource: string;
  /** The judge's own words. */
  readonly says: string;
}

/** That each of these rules finds each of these resources, and why that is right. */
export interface Acceptance {
  readonly rules: readonly string[];
  readonly resources: readonly string[];
  readonly reason: string;
}

export interface Verdict {
  readonly notAccepted: readonly Finding[];
  /** Accepted, and not found any more. */
  readonly unused: readonly Pick<Finding, 'rule' | 'resource'>[];
}

/** Holds what the judges found against what is accepted. */
export function compare(findings: readonly Finding[], acceptances: readonly Acceptance[]): Verdict {
  const accepted = acceptances.flatMap(({ rules, resources }) =>
    rules.flatMap((rule) => resources.map((resource) => ({ rule, resource }))),
  );
  const found = new Set(findings.map(keyOf));
  const allowed = new Set(accepted.map(keyOf));
  return {
    notAccepted: findings.filter((finding) => !allowed.has(keyOf(finding))),
    unused: accepted.filter((one) => !found.has(keyOf(one))),
  };
}

function keyOf({ rule, resource }: Pick<Finding, 'rule' | 'resource'>): string {
  return `${rule} ${resource}`;
}
