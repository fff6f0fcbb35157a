import { ApiError } from './api-error.ts';
import { shown } from './shown.ts';

/** The parameters of one call, by name, as the caller wrote them. */
export type Parameters = ReadonlyMap<string, string>;

/** @throws {ApiError} MissingParameter if it is not there, InvalidParameterValue if it is blank. */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw new ApiError('MissingParameter', `The request must contain the parameter ${name}.`);
  if (value === '') throw invalid(name, value, 'it must not be blank');
  return value;
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
