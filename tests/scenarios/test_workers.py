import os
import signal
import subprocess
import sys

from scenarios.workers import workers

LONG = """
import os, time
from scenarios.workers import workers
with workers(1) as pool:
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 3600).result()
"""


def test_work_is_done_in_a_process_of_its_own() -> None:
    with workers(1) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()


def test_no_worker_outlives_whoever_began_it() -> None:
    """Both hold the pipe open: it ends when both are gone."""
    with subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        assert process.stdout.read() == ""
    assert worker != process.pid
