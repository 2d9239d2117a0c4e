import type { Answer, Obligation } from "./answer.js";
import type { JsonObject } from "./digest/index.js";
import { parseObject } from "./digest/index.js";
import type { Obligation as WireObligation } from "./gen/gatehold/v1/decision_pb.js";
import type { Logger } from "./log.js";

/** Meets one obligation. Throwing, or rejecting, means that it is not met, and the call does not run. */
export type Handler = (obligation: Obligation) => void | Promise<void>;

/** What a guard can meet. */
export class Obligations {
  readonly #handlers: ReadonlyMap<string, Handler>; // not an object: every one of those knows `toString`
  readonly #log: Logger;

  /**
   * @param handlers - by type of obligation. `notification` is known: it is logged.
   * @param log - takes notifications and failures.
   */
  constructor(handlers: Readonly<Record<string, Handler>>, log: Logger) {
    const notify: Handler = ({ id, properties }) =>
      log.info(`policy ${id} asks for notice of this call: ${JSON.stringify(properties)}`);
    this.#handlers = new Map([["notification", notify], ...Object.entries(handlers)]);
    this.#log = log;
  }

  /** The first of them whose type nobody here knows. */
  unknown(obligations: Answer["obligations"]): Obligation | undefined {
    return obligations.find(({ type }) => !this.#handlers.has(type));
  }

  /** Meets them in order. Returns the first that is not met; those behind it are left alone. */
  async unmet(obligations: Answer["obligations"]): Promise<Obligation | undefined> {
    for (const obligation of obligations) {
      try {
        const handler = this.#handlers.get(obligation.type);
        if (handler === undefined) return obligation;
        await handler(obligation);
      } catch (error) {
        const name = error instanceof Error ? error.name : typeof error;
        this.#log.warn(`obligation ${obligation.id} (${obligation.type}) failed: ${name}`);
        return obligation;
      }
    }
    return undefined;
  }
}

/** @throws Error for one that lacks its id or type, or whose properties are no JSON object. */
export function readObligation({ id, type, propertiesJson }: WireObligation): Obligation {
  const properties: JsonObject = parseObject(propertiesJson, "properties_json");
  if (!id || !type) throw new TypeError("an obligation lacks its id or type");
  return { id, type, properties };
}
