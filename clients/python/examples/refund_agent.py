"""An agent that pays refunds, asks a person about large ones, and pays each once, however often it is killed.

    gatehold dev --policies clients/python/examples/refund_policies.yaml
    python clients/python/examples/refund_agent.py refunds.db
    gatehold approvals list
    gatehold approvals approve ID

Kill it while it waits, approve while it is dead or later, and start it again. It pays once, for three reasons:

1. While it waits nothing has run, and the frozen call is kept by the gate. The same call made again finds the same
   approval; so two starts do not ask twice.
2. An approval is claimed by one process at most. Only the claimant runs, and what it runs is what was approved.
3. A process may still die after it paid and before it told so. Then the gate does not know, and has a person say how it
   ended. The ledger knows: it books the payment and closes the wish in one transaction, so no second run can pay.

A real payment service stands in for the third: hand it the approval's id as its idempotency key.
"""

import logging
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from gatehold import (
    Approval,
    ApprovalRefused,
    ApprovalRequired,
    Blocked,
    DecisionSource,
    GateholdError,
    Guard,
    current_approval,
)

VERB = "stripe:create_refund"
TABLES = """
CREATE TABLE IF NOT EXISTS refunds (charge TEXT PRIMARY KEY, amount INTEGER NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS payments (key TEXT PRIMARY KEY, charge TEXT NOT NULL, amount INTEGER NOT NULL);
INSERT OR IGNORE INTO refunds VALUES ('ch_1', 50, 'wanted'), ('ch_2', 250, 'wanted'), ('ch_3', 20, 'wanted');
"""
log = logging.getLogger("refund_agent")


class Ledger:
    """The refunds that are wanted, and the payments that were made."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(TABLES)

    def wanted(self) -> list[tuple[str, int]]:
        """Returns charge and amount of each refund that nobody has paid or refused."""
        rows = self._database.execute("SELECT charge, amount FROM refunds WHERE state = 'wanted' ORDER BY charge")
        return rows.fetchall()

    def pay(self, key: str, charge: str, amount: int) -> bool:
        """Pays and says so, both or neither. Returns False where the refund is no longer wanted: somebody paid it."""
        with self._database:  # commits, or rolls back
            self._database.execute("BEGIN IMMEDIATE")
            closed = self._database.execute(
                "UPDATE refunds SET state = 'paid' WHERE charge = ? AND state = 'wanted'", (charge,)
            )
            if closed.rowcount:
                self._database.execute("INSERT INTO payments VALUES (?, ?, ?)", (key, charge, amount))
            return bool(closed.rowcount)

    def refuse(self, charge: str) -> None:
        """Says that a refund will not be paid."""
        self._database.execute("UPDATE refunds SET state = 'refused' WHERE charge = ? AND state = 'wanted'", (charge,))

    def close(self) -> None:
        """Closes the file."""
        self._database.close()


def tell(approval: Approval) -> None:
    """Says what it waits for; a real agent would go on with something else, or tell its user."""
    log.info("waiting for a person: %s of %s, approval %s", approval.verb, approval.args["charge"], approval.id)


def main(path: Path) -> None:
    """Pays every refund that is wanted, and ends when there is none left."""
    with closing(Ledger(path)) as ledger, Guard() as guard:
        # The gate does not see the ledger, so it is excluded here and supplied to `resume`.
        @guard.protect(VERB, exclude=["ledger"], on_wait=tell, justification="the customer asked for it")
        def refund(ledger: Ledger, charge: str, amount: int) -> bool:
            approval = current_approval()  # None for a small refund, which its charge identifies well enough
            return ledger.pay(approval.id if approval else charge, charge, amount)

        resume(guard, ledger)
        while wanted := ledger.wanted():
            for charge, amount in wanted:
                try:
                    paid = refund(ledger, charge, amount)
                    log.info("refund of %s: %s", charge, "paid" if paid else "had been paid")
                except (Blocked, ApprovalRequired) as held:
                    give_up_or_retry(ledger, charge, held)


def resume(guard: Guard, ledger: Ledger) -> None:
    """Runs what was approved while nobody was there.

    Asking again below would find an approval that is still wanted. This also finds the others, whose wish was lost, and
    those that ended in the middle of a verb that may be tried again.
    """
    try:
        for resumed in guard.resume({VERB: {"ledger": ledger}}):
            log.info("resumed approval %s: %s", resumed.approval_id, resumed.skipped or resumed.error or resumed.value)
    except GateholdError as error:
        log.warning("nothing resumed: %s", error)


def give_up_or_retry(ledger: Ledger, charge: str, held: Blocked | ApprovalRequired) -> None:
    """Keeps a refund for later where nobody said no."""
    log.info("refund of %s: %s", charge, held)
    nobody_decided = isinstance(held, Blocked) and held.answer.source is DecisionSource.FAIL_CLOSED
    if nobody_decided or isinstance(held, ApprovalRefused):
        time.sleep(1)  # another process may have it, or the gate may come back: the ledger will tell
    else:
        ledger.refuse(charge)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main(Path(sys.argv[1]))
