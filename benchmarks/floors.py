"""What the parts below the fake cost by themselves: the server, the bridge to WSGI, Flask's own dispatch.

`python -m benchmarks.floors asgi|wsgi PORT` serves one fixed answer: a bare ASGI app on uvicorn, or a bare WSGI app
behind the project's bridge.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from contracts.interaction import Request

ANSWER = b'{"status":"ok"}'
HEADERS = [("content-type", "application/json"), ("content-length", str(len(ANSWER)))]


async def bare_asgi(
    _scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    while (await receive()).get("more_body"):
        pass
    headers = [(name.encode(), value.encode()) for name, value in HEADERS]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


def bare_wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    environ["wsgi.input"].read()
    start_response("200 OK", HEADERS)
    return [ANSWER]


def flask_dispatch(request: Request) -> Callable[[], object]:
    """One request through a Flask app that has a single view and nothing else."""
    from flask import Flask, Response

    from contracts.transport import WsgiTransport

    app = Flask("floor", static_folder=None)

    def view(**_parts: str) -> Response:
        return Response(ANSWER, 200, HEADERS)

    app.add_url_rule("/priv/v1/apps/<api_key>/external/users/<external_id>", view_func=view, methods=[request.method])
    transport = WsgiTransport(app)
    return lambda: transport.send(request)


def main(kind: str, port: int) -> None:
    if kind == "wsgi":
        from contracts.serving import Server

        Server(bare_wsgi, port=port).run()
        return
    import uvicorn

    # The same settings as contracts/serving.py, so that what is left over is the bridge and the app.
    uvicorn.run(
        bare_asgi,
        host="127.0.0.1",
        port=port,
        lifespan="off",
        proxy_headers=False,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
