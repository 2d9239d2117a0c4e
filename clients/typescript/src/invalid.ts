/** A value from a caller or a message is not what the contract says. */
export class InvalidInput extends TypeError {
  override readonly name = "InvalidInput";
  /** Path of the field, for example `args_json`. */
  readonly field: string;

  /**
   * @param field - path of the field.
   * @param problem - what is wrong with it. It never repeats a caller's values, which may be secret.
   */
  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.field = field;
  }
}
