import { type Argument, Command, InvalidArgumentError, type Option } from 'commander';
import { didYouMean } from '../allowlist/did-you-mean.ts';
import { quote } from '../policy/quote.ts';
import { count } from './check.ts';

/**
 * A command whose refusals are in our words: what is wrong, and what to write. Commander calls these methods, and has no other way to
 * replace its own text (commander 15, lib/command.js).
 */
export class GuardCommand extends Command {
  override createCommand(name?: string): Command {
    return new GuardCommand(name);
  }

  unknownCommand(): void {
    const [written = ''] = this.args;
    const names = this.commands.map((one) => one.name());
    const nearest = didYouMean(written, names);
    const hint = nearest === undefined ? `the commands are ${names.join(', ')}` : `did you mean ${quote(nearest)}?`;
    this.#refuse(`there is no command ${quote(written)}: ${hint}`, 'commander.unknownCommand');
  }

  unknownOption(flag: string): void {
    // Of `--format=json` the name.
    const [written = ''] = flag.split('=');
    const nearest = didYouMean(
      written,
      this.options.flatMap(({ long }) => long ?? []),
    );
    const hint = nearest === undefined ? this.#seeHelp() : `did you mean ${quote(nearest)}?`;
    this.#refuse(`there is no option ${quote(written)}: ${hint}`, 'commander.unknownOption');
  }

  missingArgument(name: string): void {
    const argument = this.registeredArguments.find((one) => one.name() === name);
    this.#refuse(`<${name}> is missing: ${argument?.description}. ${this.#seeHelp()}`, 'commander.missingArgument');
  }

  optionMissingArgument({ flags, description }: Option): void {
    this.#refuse(`${flags} lacks its value: ${description}. ${this.#seeHelp()}`, 'commander.optionMissingArgument');
  }

  missingMandatoryOptionValue({ flags, description }: Option): void {
    this.#refuse(`${flags} is missing: ${description}. ${this.#seeHelp()}`, 'commander.missingMandatoryOptionValue');
  }

  _excessArguments(received: readonly string[]): void {
    const expected = this.registeredArguments.length;
    const taken = expected === 0 ? 'no argument' : `${count(expected, 'argument')} at most`;
    const first = quote(received[expected]);
    this.#refuse(`it takes ${taken}, and ${first} is one more. ${this.#seeHelp()}`, 'commander.excessArguments');
  }

  _callParseArg(target: Option | Argument, value: string, previous: unknown): unknown {
    const name = 'flags' in target ? (target.long ?? target.flags) : `<${target.name()}>`;
    const { argChoices } = target;
    if (argChoices !== undefined && !argChoices.includes(value)) {
      return this.#refuse(`${name} is ${quote(value)}: it must be ${orList(argChoices)}`, 'commander.invalidArgument');
    }
    try {
      return (target as unknown as { parseArg(value: string, previous: unknown): unknown }).parseArg(value, previous);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const must = error.message.replace(/^It/, 'it').replace(/\.$/, '');
      return this.#refuse(`${name} is ${quote(value)}: ${must}`, error.code);
    }
  }

  #refuse(message: string, code: string): never {
    return this.error(`ingress-guard: ${message}`, { code });
  }

  #seeHelp(): string {
    return `See ingress-guard ${this.parent === null ? '' : `${this.name()} `}--help`;
  }
}

/** "a, b or c" */
function orList(all: readonly string[]): string {
  return [all.slice(0, -1).join(', '), all.at(-1)].filter(Boolean).join(' or ');
}
