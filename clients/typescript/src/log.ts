import { Console } from "node:console";

/** Where a guard tells what is no error of the call. `console`, pino and winston are such. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The default. Not the standard output, which belongs to the program: tools that speak MCP answer on it. */
export const STANDARD_ERROR: Logger = new Console(process.stderr);

/** A logger that throws must not get into the way of a call, nor end the process from the background. */
export function harmless(log: Logger): Logger {
  const attempt =
    (level: keyof Logger) =>
    (message: string): void => {
      try {
        log[level](message);
      } catch {
        // There is nowhere left to tell it.
      }
    };
  return { info: attempt("info"), warn: attempt("warn"), error: attempt("error") };
}
