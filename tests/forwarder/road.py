"""The road of `forward --listen` on real ports: ingest, spool, worker, and a vendor at its end."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import Self

from contracts.serving import Server
from contracts.transport import HttpTransport
from forwarder.delivery import Delivery
from forwarder.ingest import create_ingest
from forwarder.spool import Spool
from forwarder.tally import Tally
from forwarder.worker import Pause, Worker
from tests.forwarder.vendor import Vendor, connection, until


class Road:
    """`near` takes batches, `far` is the vendor; the input's key is `in` and its secret `geheim`."""

    def __init__(self, folder: Path) -> None:
        self.vendor = Vendor()
        self.said: list[str] = []
        self.tally = Tally()
        self.far = Server(self.vendor)
        stop = threading.Event()
        made = connection(input={"key": "in", "secret": "geheim"}, configuration={"host_name": self.far.url})
        delivery = Delivery(
            HttpTransport(self.far.url), made, clock=time.time, sleep=Pause(stop), chance=random.Random(1)
        )
        self.spool = Spool(folder)
        self.worker = Worker(
            self.spool,
            made,
            delivery,
            stop=stop,
            clock=time.monotonic,
            say=self.said.append,
            tally=self.tally,
        )
        app = create_ingest(made, self.worker.accept, clock=time.monotonic, say=self.said.append, tally=self.tally)
        self.near = Server(app)

    def __enter__(self) -> Self:
        self.far.start()
        self.near.start()
        self.worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.near.stop()
        self.worker.stop()
        self.far.stop()
        self.spool.close()

    def settled(self) -> None:
        until(lambda: not self.spool.unsettled())
