import type { GateClient } from "../channel.js";
import { GateholdError } from "../errors.js";
import { type Approval, ApprovalState } from "../gen/gatehold/v1/approval_pb.js";
import { statusOf } from "../status.js";

const MOST_PAGES = 100;

/**
 * The caller's own approvals that may be claimed now, oldest first.
 *
 * @throws GateholdError when they cannot be listed.
 */
export async function claimable(client: GateClient, timeoutMs: number): Promise<Approval[]> {
  const states = [ApprovalState.APPROVED, ApprovalState.INDETERMINATE];
  const found: Approval[] = [];
  let pageToken = "";
  for (let page = 0; page < MOST_PAGES; page += 1) {
    try {
      const { approvals, nextPageToken } = await client.listApprovals({ states, pageToken }, { timeoutMs });
      found.push(...approvals.filter(({ state, reclaimable }) => state === ApprovalState.APPROVED || reclaimable));
      pageToken = nextPageToken;
    } catch (error) {
      throw new GateholdError(`open approvals could not be listed: ${statusOf(error).message}`);
    }
    if (pageToken === "") break;
  }
  return found;
}
