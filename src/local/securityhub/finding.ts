/** A finding as it is on the wire. */
export type Finding = Readonly<Record<string, unknown>>;

/** Documented: BatchImportFindings does not change these of a finding that is there. */
export const NOT_TO_UPDATE = ['Note', 'UserDefinedFields', 'VerificationState', 'Workflow'] as const;

/** What Security Hub itself writes into a finding. */
export function ofSecurityHub(
  { ProductArn, Id, ProductFields, FindingProviderFields, Severity, Types, ProductName, CompanyName }: Finding,
  { region, now }: { readonly region: string; readonly now: number },
): object {
  const { Severity: severity = Severity, Types: types = Types } = (FindingProviderFields ?? {}) as Finding;
  return {
    Region: region,
    ProcessedAt: new Date(now).toISOString(),
    Severity: severity,
    Types: types,
    WorkflowState: 'NEW',
    ProductFields: {
      ...(ProductFields as object | undefined),
      'aws/securityhub/FindingId': `${ProductArn}/${Id}`,
      'aws/securityhub/ProductName': ProductName ?? 'Default',
      'aws/securityhub/CompanyName': CompanyName ?? 'Personal',
    },
  };
}

/** How long texts may be, in characters: Security Hub API Reference, AwsSecurityFinding and the objects in it. */
const LONGEST: readonly (readonly [path: string, longest: number])[] = [
  ['Id', 512],
  ['GeneratorId', 512],
  ['Title', 256],
  ['Description', 1024],
  ['ProductName', 128],
  ['CompanyName', 128],
  ['AwsAccountName', 50],
  ['Remediation.Recommendation.Text', 512],
  ['FindingProviderFields.Severity.Original', 64],
];
const REQUIRED = [
  'SchemaVersion',
  'Id',
  'ProductArn',
  'GeneratorId',
  'AwsAccountId',
  'CreatedAt',
  'UpdatedAt',
  'Title',
  'Description',
] as const;
const TIMES = ['CreatedAt', 'UpdatedAt', 'FirstObservedAt', 'LastObservedAt'] as const;
/** Documented: with a time zone. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
const LABELS = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];
const STATUSES = ['PASSED', 'WARNING', 'FAILED', 'NOT_AVAILABLE'];
const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'];
const NAMESPACES = [
  'Software and Configuration Checks',
  'TTPs',
  'Effects',
  'Unusual Behaviors',
  'Sensitive Data Identifications',
];
/** Documented: 240 KB. */
const MOST_BYTES = 240 * 1024;
const MOST_RESOURCES = 32;
const MOST_FIELDS = 50;
const MOST_TYPES = 50;

/**
 * What is wrong with a finding that a caller imports for the product of its own account, in the words of public reports as far as there
 * are any. Empty if nothing is.
 */
export function wrongIn(finding: Finding, own: { readonly accountId: string; readonly productArn: string }): string[] {
  const text = (path: string): unknown =>
    path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], finding);
  const oneOf = (path: string, values: readonly string[]): string[] => {
    const value = text(path);
    return value === undefined || values.includes(String(value))
      ? []
      : [`data.${path} should be equal to one of the allowed values`];
  };
  const bytes = Buffer.byteLength(JSON.stringify(finding));
  const { ProductArn, AwsAccountId, Severity, Types, FindingProviderFields } = finding;
  const provided = (FindingProviderFields ?? {}) as Finding;
  return [
    ...(bytes > MOST_BYTES ? [`the finding has ${bytes} bytes, and ${MOST_BYTES} is the limit`] : []),
    ...REQUIRED.filter((name) => typeof finding[name] !== 'string' || !/\S/.test(finding[name])).map(
      (name) => `data should have required property '${name}'`,
    ),
    ...LONGEST.flatMap(([path, longest]) => {
      const value = text(path);
      if (value === undefined) return [];
      if (typeof value !== 'string' || !/\S/.test(value)) return [`data.${path} should match pattern ".*\\S.*"`];
      return value.length > longest ? [`data.${path} should NOT be longer than ${longest} characters`] : [];
    }),
    ...(finding.SchemaVersion === '2018-10-08' ? [] : ['data.SchemaVersion should be equal to constant']),
    ...TIMES.filter((name) => finding[name] !== undefined && !TIME.test(String(finding[name]))).map(
      (name) => `data.${name} should match format "date-time"`,
    ),
    ...(ProductArn === own.productArn ? [] : ['data.ProductArn is not of the account and region of the caller']),
    ...(AwsAccountId === own.accountId ? [] : ['data.AwsAccountId is not the account of the caller']),
    ...(Severity === undefined && provided.Severity === undefined
      ? ["data should have required property 'Severity'"]
      : []),
    ...(Types === undefined && provided.Types === undefined ? ["data should have required property 'Types'"] : []),
    ...wrongInTypes(provided.Types ?? Types ?? []),
    ...oneOf('FindingProviderFields.Severity.Label', LABELS),
    ...oneOf('Compliance.Status', STATUSES),
    ...oneOf('RecordState', ['ACTIVE', 'ARCHIVED']),
    ...oneOf('Workflow.Status', ['NEW', 'NOTIFIED', 'RESOLVED', 'SUPPRESSED']),
    ...wrongInMap('ProductFields', finding.ProductFields ?? {}, 2048),
    ...wrongInResources(finding.Resources),
  ];
}

function wrongInTypes(types: unknown): string[] {
  if (!Array.isArray(types)) return ['data.Types should be array'];
  if (types.length > MOST_TYPES) return [`data.Types should NOT have more than ${MOST_TYPES} items`];
  return types
    .filter((type) => !NAMESPACES.includes(String(type).split('/')[0] as string) || String(type).split('/').length > 3)
    .map((type) => `data.Types has ${JSON.stringify(type)}, which is not namespace/category/classifier`);
}

function wrongInMap(path: string, fields: unknown, longest: number): string[] {
  const entries = Object.entries(fields as object);
  return [
    ...(entries.length > MOST_FIELDS ? [`data.${path} should NOT have more than ${MOST_FIELDS} properties`] : []),
    ...entries.flatMap(([name, value]) =>
      name.length > 128 || typeof value !== 'string' || !/\S/.test(value) || value.length > longest
        ? [`data.${path}['${name}'] should be a text of at most ${longest} characters`]
        : [],
    ),
  ];
}

function wrongInResources(resources: unknown): string[] {
  if (!Array.isArray(resources) || resources.length === 0) return ['data.Resources should NOT have fewer than 1 items'];
  if (resources.length > MOST_RESOURCES) return [`data.Resources should NOT have more than ${MOST_RESOURCES} items`];
  return resources.flatMap(({ Type, Id, Partition, Region, Details = {} }: Finding, i) => {
    const { Other = {} } = Details as Finding;
    return [
      ...([Type, Id].every((one) => typeof one === 'string' && /\S/.test(one))
        ? []
        : [`data.Resources[${i}] should have required properties 'Type' and 'Id'`]),
      ...(String(Type).length > 256 ? [`data.Resources[${i}].Type should NOT be longer than 256 characters`] : []),
      ...(String(Id).length > 512 ? [`data.Resources[${i}].Id should NOT be longer than 512 characters`] : []),
      ...(Region !== undefined && String(Region).length > 16
        ? [`data.Resources[${i}].Region should NOT be longer than 16 characters`]
        : []),
      ...(Partition === undefined || PARTITIONS.includes(String(Partition))
        ? []
        : [`data.Resources[${i}].Partition should be equal to one of the allowed values`]),
      ...wrongInMap(`Resources[${i}].Details.Other`, Other, 1024),
    ];
  });
}
