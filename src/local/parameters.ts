import { ApiError } from './api-error.ts';
import { shown } from './query-request.ts';

/** The parameters of one call, by name, as the caller wrote them. */
export type Parameters = ReadonlyMap<string, string>;

/** @throws {ApiError} MissingParameter if it is not there, InvalidParameterValue if it is blank. */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw new ApiError('MissingParameter', `The request must contain the parameter ${name}.`);
  if (value === '') throw invalid(name, value, 'it must not be blank');
  return value;
}

/** The name of an existing cache security group: stored, and answered, in lower case. */
export function readCacheSecurityGroupName(parameters: Parameters): string {
  const name = required(parameters, 'CacheSecurityGroupName');
  if (!/^[a-zA-Z0-9-]{1,255}$/.test(name)) {
    throw invalid('CacheSecurityGroupName', name, 'it must be 1 to 255 letters, digits and hyphens');
  }
  return name.toLowerCase();
}

/** Case counts, and all of `._-:/()#,@[]+=&;{}!$*` and the space may be in it. */
export function readEc2SecurityGroupName(parameters: Parameters): string {
  const name = required(parameters, 'EC2SecurityGroupName');
  if (!/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(name)) {
    throw invalid(
      'EC2SecurityGroupName',
      name,
      'it must be 1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*',
    );
  }
  return name;
}

/** 12 digits. AWS's sample request writes them with hyphens (`1234-5678-1234`), and the answer holds none. */
export function readOwnerId(parameters: Parameters): string {
  const ownerId = required(parameters, 'EC2SecurityGroupOwnerId');
  const digits = ownerId.replaceAll('-', '');
  if (!/^[0-9]{12}$/.test(digits)) {
    throw invalid('EC2SecurityGroupOwnerId', ownerId, 'it must be an AWS account number of 12 digits');
  }
  return digits;
}

/** A text without control characters, which XML could not carry back. */
export function readText(parameters: Parameters, name: string, longest: number): string {
  const text = required(parameters, name);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f\ufffe\uffff]/.test(text) || !text.isWellFormed()) {
    throw invalid(name, text, 'it must hold no control characters');
  }
  if (text.length > longest) throw invalid(name, text, `it must be at most ${longest} characters long`);
  return text;
}

/** @throws {ApiError} InvalidParameterValue if it is not a whole number from `least` to `most`. */
export function readInteger(
  parameters: Parameters,
  name: string,
  least: number,
  most: number,
  otherwise: number,
): number {
  const written = parameters.get(name);
  if (written === undefined) return otherwise;
  const value = /^[0-9]{1,9}$/.test(written) ? Number(written) : Number.NaN;
  if (!(value >= least && value <= most)) throw invalid(name, written, `it must be a number from ${least} to ${most}`);
  return value;
}

export function invalid(parameter: string, value: string, why: string): ApiError {
  return new ApiError('InvalidParameterValue', `Invalid value '${shown(value)}' for ${parameter}: ${why}.`);
}
