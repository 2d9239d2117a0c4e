"""An agent that is killed in the middle of its first approved run, and resumes when it is started again.

`python dying_agent.py VERB FILE`: each run adds the idempotency key to FILE, one a line.
"""

import os
import signal
import sys
from pathlib import Path

from gatehold import Guard, current_approval

verb, runs = sys.argv[1], Path(sys.argv[2])
first = not runs.exists()
with Guard() as guard:

    @guard.protect(verb)
    def run(amount: int) -> None:
        approval = current_approval()
        with runs.open("a") as file:
            file.write(f"{approval.id if approval else None} {amount}\n")
        if first:
            os.kill(os.getpid(), signal.SIGKILL)

    if first:
        run(250)
    else:
        for resumed in guard.resume():
            print("resumed", resumed.approval_id, resumed.skipped or resumed.error or "ran", flush=True)
