from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Request, Response
from contracts.transport import InProcessWeb, Lost
from mock_sessionm import TenantSettings, create_app, world
from scenarios.segment_file import Defaults, Segment
from scenarios.tag_import import AT_ONCE, CannotImport, ImportReport, RowReport, asking, import_segment, lines

AT = "http://fake.example"


def imported(text: str, **how: Any) -> tuple[ImportReport, Any]:
    app = create_app(TenantSettings(users=({"user": {"external_id": "ada"}},)))
    segment = Segment(
        io.StringIO(text, newline=""), "f", lookup_key="external_id", defaults=Defaults(how.pop("tag", ""))
    )
    ask = asking(InProcessWeb({AT: app}), AT, "local-key")
    return import_segment(segment, ask, lookup_key="external_id", seed=1, **how), app


def test_every_row_is_told_once_with_its_id_and_what_it_did() -> None:
    told: list[tuple[RowReport, str]] = []
    imported(
        "external_id,tag,ttl\nada,gold,60\nnobody,gold,60\n,gold,60\n",
        each=lambda row, id_: told.append((row, id_)),
    )
    assert sorted((row.line, row.outcome, id_) for row, id_ in told) == [
        (2, "tagged", "ada"),
        (3, "unknown", "nobody"),
        (4, "refused", ""),
    ]


def test_a_long_file_goes_in_several_requests_and_loses_no_row() -> None:
    went: list[int] = []
    count = 2 * AT_ONCE + 1
    report, _ = imported("external_id,tag\n" + "nobody,gold\n" * count, went=went.append)
    assert went == [AT_ONCE, AT_ONCE, 1]
    assert report.counts == {"unknown": count}
    assert report.job["records"] == count


@pytest.mark.parametrize("count", [AT_ONCE, 2 * AT_ONCE])
def test_a_file_that_fills_its_last_request_is_ended_as_well(count: int) -> None:
    report, app = imported("external_id,tag\n" + "nobody,gold\n" * count)
    assert report.rows == count
    tenant = next(iter(world(app).tenants.values()))
    assert tenant.imports.job(report.job["job"]) is None


def test_a_file_without_rows_asks_for_nothing() -> None:
    report, _ = imported("external_id,tag\n")
    assert (report.rows, report.job) == (0, {})


def test_nothing_but_line_id_tag_and_ttl_goes_over_the_wire() -> None:
    heard: list[bytes] = []

    class Listening:
        def fetch(self, _url: str, request: Request, *, timeout: float) -> Response:
            assert timeout > 0
            heard.append(request.body)
            return Response(200, {}, b'{"job": "a", "rows": []}')

    text = "external_id,email,first_name,tag,ttl\nada,ada@example.com,Ada,gold,60\n"
    segment = Segment(io.StringIO(text), "f", lookup_key="external_id", defaults=Defaults())
    import_segment(segment, asking(Listening(), AT, "key"), lookup_key="external_id", seed=7)
    assert heard == [b'{"lookup_key":"external_id","seed":7,"rows":[[2,"ada","gold",60]],"last":true}']


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Response(404, {}, b'{"error": "no tenant has this api_key"}'), "no tenant has this api_key"),
        (Response(200, {}, b"<html>"), "HTTP 200, so it is no fake of ours"),
        (Response(200, {}, b"{}"), "no fake of ours"),
        (Response(502, {}, b""), "HTTP 502"),
        (Lost("connection refused"), "is the fake running?"),
    ],
)
def test_what_takes_no_rows_is_told_in_one_line(answer: Response | Lost, says: str) -> None:
    class Web:
        def fetch(self, _url: str, _request: Request, *, timeout: float) -> Response:  # noqa: ARG002
            if isinstance(answer, Lost):
                raise answer
            return answer

    with pytest.raises(CannotImport, match=says):
        asking(Web(), AT, "key")({"rows": []})


def test_the_report_names_lines_and_counts_and_no_id() -> None:
    text = "external_id,tag,ttl\nada,gold,60\nada,gold,90\nada,tin,\n" + "who-is-it,gold,60\n" * 9
    report, _ = imported(text)
    told = "\n".join(lines(report))
    assert "tagged           2" in told
    assert "counted          1" in told
    assert "unknown          9" in told
    assert "line 5: unknown" in told
    assert "and 4 more; --rows FILE writes them all" in told
    assert "lines 2 and 3: one customer and tag, two times to live" in told
    assert "11 rows have a time to live and 1 have none" in told
    assert "success, split into 1, 12 records, 0 failed" in told
    assert "who-is-it" not in told


def test_only_so_many_contradictions_are_shown() -> None:
    text = "external_id,tag,ttl\n" + "".join(f"ada,gold,{60 + number}\n" for number in range(9))
    report, _ = imported(text)
    assert (report.contradicted, len(report.unsettled)) == (8, 5)
    assert "  and 3 more such pairs" in list(lines(report))


@given(st.permutations(range(2, 12)))
def test_the_topmost_lines_are_shown_in_whatever_order_they_were_handled(order: list[int]) -> None:
    report = ImportReport()
    for line in order:
        report.add(RowReport(line, "unknown", "sessionm.sync-unknown-not-failed"))
    assert [row.line for row in report.troubled] == [2, 3, 4, 5, 6]
