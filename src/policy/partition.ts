/** The partitions that are not `aws`, by how the names of their regions begin. */
const PARTITIONS: Readonly<Record<string, string>> = {
  cn: 'aws-cn',
  'us-gov': 'aws-us-gov',
  'us-iso': 'aws-iso',
  'us-isob': 'aws-iso-b',
  'us-isof': 'aws-iso-f',
  'eu-isoe': 'aws-iso-e',
  eusc: 'aws-eusc',
};

/** The partition that a region belongs to: `aws-cn` for `cn-north-1`. `aws` for a name that begins like no other's. */
export function partitionOf(region: string): string {
  const prefix = /^(cn|us-gov|us-iso|us-isob|us-isof|eu-isoe|eusc)-/.exec(region)?.[1];
  return PARTITIONS[prefix ?? ''] ?? 'aws';
}

/** What the names of hosts end with, where it is not `amazonaws.com` (`@aws-sdk/util-endpoints`, partitions). */
const SUFFIXES: Readonly<Record<string, string>> = {
  'aws-cn': 'amazonaws.com.cn',
  'aws-iso': 'c2s.ic.gov',
  'aws-iso-b': 'sc2s.sgov.gov',
  'aws-iso-e': 'cloud.adc-e.uk',
  'aws-iso-f': 'csp.hci.ic.gov',
  'aws-eusc': 'amazonaws.eu',
};

/** What the names of AWS's hosts in a region end with. */
export function suffixOf(region: string): string {
  return SUFFIXES[partitionOf(region)] ?? 'amazonaws.com';
}
