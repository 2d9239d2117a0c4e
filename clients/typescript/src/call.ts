import { canonical, digest, MAX_BYTES, parseObject, type JsonObject } from "./digest/index.js";
import { InvalidInput } from "./invalid.js";

/** What a call says beside its verb and arguments. */
export interface CallOptions {
  /** Claims about the agent's situation. Default: none. */
  readonly context?: object | undefined;
  /** Whom the agent acts for. Default: nobody. */
  readonly onBehalfOf?: string | undefined;
  /** Hex SHA-256 of the tool definition that the model was shown. Default: none. */
  readonly toolDefinitionDigest?: string | undefined;
}

/** A call as it was frozen: what is decided on is what runs. */
export interface Call {
  readonly verb: string;
  readonly args: JsonObject;
  readonly argsJson: string;
  readonly argsDigest: string;
  /** Empty where there is none. */
  readonly contextJson: string;
  readonly contextDigest: string;
  readonly onBehalfOf: string;
  readonly toolDefinitionDigest: string;
}

/** @throws InvalidInput when anything of it is not what JSON and the gate can carry. */
export function freeze(verb: string, args: object, options: CallOptions): Call {
  const argsJson = frozen(args, "args");
  const contextJson = options.context === undefined ? "" : frozen(options.context, "context");
  const frozenArgs = parseObject(argsJson, "args");
  return {
    verb: text(verb, "verb"),
    args: frozenArgs,
    argsJson,
    argsDigest: digest(frozenArgs),
    contextJson,
    contextDigest: digest(parseObject(contextJson, "context", MAX_BYTES - Buffer.byteLength(argsJson))),
    onBehalfOf: text(options.onBehalfOf ?? "", "onBehalfOf"),
    toolDefinitionDigest: text(options.toolDefinitionDigest ?? "", "toolDefinitionDigest"),
  };
}

function frozen(value: unknown, field: string): string {
  try {
    return canonical(value, field);
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    throw new InvalidInput(field, "cannot be read"); // a getter, or a proxy, is the caller's code
  }
}

/** A caller without types may hand in anything, and UTF-8 would turn a lone surrogate into another text. */
export function text(value: unknown, field: string): string {
  if (typeof value !== "string" || !value.isWellFormed()) throw new InvalidInput(field, "must be text");
  return value;
}
