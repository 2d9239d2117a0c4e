/**
 * Makes one guarded call for the tests that every language's client shares: reads one JSON object from the standard input
 * and prints one JSON line.
 */
import { text as readText } from "node:stream/consumers";
import {
  type Answer,
  ApprovalCancelled,
  ApprovalDenied,
  ApprovalExpired,
  ApprovalPending,
  ApprovalRefused,
  Blocked,
  digest,
  Guard,
  type Handler,
  InvalidInput,
  type JsonObject,
  NotAllowed,
  parseObject,
} from "gatehold";

interface Order {
  readonly target?: string;
  readonly operation?: string;
  readonly verb?: string;
  readonly args_json?: string;
  readonly context_json?: string;
  readonly on_behalf_of?: string;
  readonly tool_definition_digest?: string;
  readonly justification?: string;
  /** To wait for a person; null for no end. */
  readonly timeout_seconds?: number | null;
  /** Of a decision; null for the default. */
  readonly deadline_seconds?: number | null;
  /** Types of obligation that are met, beside `notification`. */
  readonly handlers?: readonly string[];
  /** Whether the guarded function throws. */
  readonly fails?: boolean;
  /** To digest: JSON in UTF-8, in base64. */
  readonly texts?: readonly string[];
}

const NOTHING = {
  result: "",
  reason_code: "",
  source: "",
  args_digest: "",
  runs: 0,
  ran_with: null as JsonObject | null,
  waited: false,
  digests: [] as (string | null)[],
};
type Result = typeof NOTHING;

const SPELLINGS = new Map<unknown, string>([
  [Blocked, "blocked"],
  [ApprovalPending, "pending"],
  [ApprovalDenied, "denied"],
  [ApprovalExpired, "expired"],
  [ApprovalCancelled, "cancelled"],
  [ApprovalRefused, "refused"],
]);

async function carryOut(order: Order): Promise<Result> {
  switch (order.operation) {
    case "digests":
      return { ...NOTHING, digests: (order.texts ?? []).map(digestOf) };
    case "evaluate":
      return guarded(order, evaluate);
    case "protect":
      return guarded(order, protect);
    default:
      throw new Error(`no such operation: ${String(order.operation)}`);
  }
}

function digestOf(base64: string): string | null {
  try {
    return digest(parseObject(Buffer.from(base64, "base64"), "args_json"));
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}

type Operation = (order: Order, guard: Guard, args: JsonObject, context?: JsonObject) => Promise<Result>;

async function guarded(order: Order, operation: Operation): Promise<Result> {
  let args: JsonObject;
  let context: JsonObject | undefined;
  try {
    args = parseObject(order.args_json ?? "", "args_json");
    context = order.context_json ? parseObject(order.context_json, "context_json") : undefined;
  } catch {
    // `JSON.parse` would take what no caller's object can hold, a key twice for example.
    const result = order.operation === "evaluate" ? "block" : "blocked";
    return { ...NOTHING, result, reason_code: "refused", source: "fail_closed" };
  }
  await using guard = new Guard(options(order));
  return await operation(order, guard, args, context);
}

function options({ target, deadline_seconds: seconds, handlers = [] }: Order): ConstructorParameters<typeof Guard>[0] {
  const met: Handler = () => undefined;
  return {
    target,
    deadlineMs: seconds == null ? undefined : seconds * 1_000,
    handlers: Object.fromEntries(handlers.map((type) => [type, met])),
  };
}

const evaluate: Operation = async (order, guard, args, context) => {
  const { verb = "", on_behalf_of: onBehalfOf, tool_definition_digest: toolDefinitionDigest } = order;
  const answer = await guard.evaluate(verb, args, { context, onBehalfOf, toolDefinitionDigest });
  return { ...NOTHING, ...told(answer), result: answer.decision };
};

const protect: Operation = async (order, guard, args, context) => {
  const { verb = "", justification, timeout_seconds: seconds } = order;
  const done = { ...NOTHING };
  const call = guard.protect(verb, (given: JsonObject) => {
    done.runs += 1;
    done.ran_with = given;
    done.args_digest = digest(given);
    if (order.fails) throw new Error("told to fail");
  });
  try {
    await call(args, {
      context,
      justification,
      onBehalfOf: order.on_behalf_of,
      toolDefinitionDigest: order.tool_definition_digest,
      timeoutMs: seconds == null ? undefined : seconds * 1_000,
      onWait: () => void (done.waited = true),
    });
    return { ...done, result: "ran" };
  } catch (error) {
    if (!(error instanceof NotAllowed)) return { ...done, result: "failed" };
    return { ...done, ...told(error.answer), result: SPELLINGS.get(error.constructor) ?? error.name };
  }
};

function told({ reasonCode, source, argsDigest }: Answer): Partial<Result> {
  return { reason_code: reasonCode, source, args_digest: argsDigest };
}

console.log(JSON.stringify(await carryOut(JSON.parse(await readText(process.stdin)) as Order)));
