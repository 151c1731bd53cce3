import os
import signal
import subprocess
import sys

import pytest

from scenarios.workers import workers

LONG = """
import os, time
from scenarios.workers import workers
with workers(1, alike=ALIKE) as pool:
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 3600).result()
"""


def test_work_is_done_in_a_process_of_its_own() -> None:
    with workers(1) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()


@pytest.mark.parametrize("alike", [False, True])
def test_no_worker_outlives_whoever_began_it(alike: bool) -> None:
    """Both hold the pipe open: it ends when both are gone."""
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", LONG.replace("ALIKE", str(alike))], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        assert process.stdout.read() == ""
    assert worker != process.pid


LIKE = """
import sys, threading
from scenarios.workers import workers
from contracts import rules
def known(_):
    return "scenarios.workers" in sys.modules and rules.cache_info().currsize
if __name__ == "__main__":
    rules()
    with workers(1, alike=True) as pool:
        print(pool.submit(known, 0).result())
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    with workers(1, alike=True) as pool:
        print(pool._mp_context.get_start_method())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every process is begun afresh")
def test_a_copy_knows_what_this_one_knows_and_beside_threads_none_is_made() -> None:
    told = subprocess.run([sys.executable, "-c", LIKE], capture_output=True, text=True, check=True)  # noqa: S603
    assert told.stdout.split() == ["1", "spawn"]
