/**
 * A service with one guarded action.
 *
 *     node dist/example/server.js
 *     curl -s localhost:8080/refunds -d '{"charge":"ch_1","amount":250}'
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { ApprovalPending, Guard, InvalidInput, NotAllowed, parseObject } from "gatehold";

const PORT = 8080;

interface Refund {
  charge: string;
  amount: number;
}

const guard = new Guard(); // the sidecar on unix:.gatehold/agent.sock, or the one that GATEHOLD_SIDECAR names

// Nobody wants an HTTP request to wait for a person: after a second it ends, and `resume` runs what was approved later.
const refund = guard.protect(
  "stripe:create_refund",
  ({ charge, amount }: Refund) => `refunded ${amount} of ${charge}`,
  {
    timeoutMs: 1_000,
  },
);

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { charge, amount } = parseObject(await text(request), "body");
    if (typeof charge !== "string" || typeof amount !== "number")
      throw new InvalidInput("body", "needs charge and amount");
    reply(response, 200, await refund({ charge, amount }));
  } catch (error) {
    if (error instanceof InvalidInput) reply(response, 400, error.message);
    else if (error instanceof ApprovalPending) reply(response, 202, `waits for a person: ${error.approval.approvalId}`);
    else if (error instanceof NotAllowed) reply(response, 403, error.message);
    else reply(response, 500, "the refund failed");
  }
}

function reply(response: ServerResponse, status: number, line: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${line}\n`);
}

const server = createServer((request, response) => void handle(request, response));
server.listen(PORT, "127.0.0.1", () => console.log(`POST http://127.0.0.1:${PORT}/refunds`));
process.once("SIGINT", () => server.close(() => void guard.close()));

try {
  for (const { approval, outcome } of await guard.resume()) console.log(`approval ${approval.approvalId}: ${outcome}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error); // the sidecar may start later
}
