import type { Filter } from '@aws-sdk/client-ec2';

/** How many values a filter can have ("Filters" in the documentation of EC2's Describe calls). */
const MOST_VALUES = 200;

/** Filters that together let through what belongs to these security groups: one for each call to be made. */
export function byGroupId(securityGroupIds: readonly string[]): Filter[] {
  return byValues('group-id', securityGroupIds);
}

/** Filters that together let through what has one of these values: one for each call to be made. */
export function byValues(name: string, values: readonly string[]): Filter[] {
  return Array.from({ length: Math.ceil(values.length / MOST_VALUES) }, (_, index) => ({
    Name: name,
    Values: values.slice(index * MOST_VALUES, (index + 1) * MOST_VALUES),
  }));
}
