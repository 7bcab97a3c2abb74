"""Creates a run, prints its events, approves it once stdin has a line, and prints the run."""

import json
import os
import sys
import threading

from errand import Errand, ErrandError

errand = Errand(os.environ["ERRAND_URL"], os.environ["ERRAND_API_KEY"])


def approve(run_id: str) -> None:
    sys.stdin.readline()
    for entry in errand.pending(run_id=run_id):
        errand.decide(entry["approvalId"], "approve", reason="Go ahead.")


try:
    run = errand.create(json.loads(os.environ["RUN"]))
    threading.Thread(target=approve, args=(run["runId"],), daemon=True).start()
    for event in errand.stream(run["runId"]):
        print(json.dumps(event), flush=True)
    print(json.dumps(errand.run(run["runId"])))
except ErrandError as error:
    sys.exit(str(error))
