from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts import Choices
from forwarder.sources.amazon import Amazon
from forwarder.sources.mixed import records
from forwarder.sources.ndjson import BadRecord, Record, Skipped, SourceError
from forwarder.sources.progress import Progress
from forwarder.sources.s3 import OURS, PART, Buckets, Found, Remark, Stored
from tests.buckets import Bucket, Trouble, batches, named

LIST = "GET /[^/?]+\\?list-type"


def reader(progress: Progress | None = None, **more: Any) -> Buckets:
    return Buckets(Amazon, progress or Progress(None, "test"), Choices(), **more)


def taken(found: Iterator[Found]) -> list[Any]:
    """What was found, in a few words each; records are settled."""
    told: list[Any] = []
    for one in found:
        match one:
            case Record(batch=batch, place=place):
                assert place is not None
                told.append(batch.mpid)
                place.settle()
            case BadRecord():
                told.append(f"bad {one.line}: {one.why}")
            case Skipped():
                told.append("skipped")
            case Remark(kind=kind, why=why):
                told.append(f"{kind}: {why}".removesuffix(": "))
    return told


def all_of(bucket: Bucket, prefix: str = "", **more: Any) -> list[Any]:
    return taken(reader(**more).opened(f"{bucket.source}/{prefix}"))


def refusal(bucket: Bucket, prefix: str = "") -> str:
    with pytest.raises(SourceError) as caught:
        all_of(bucket, prefix)
    return str(caught.value)


# --- what is read -----------------------------------------------------------------------------------------


def test_mparticles_layout_is_read_from_every_folder_packed_or_not(bucket: Bucket) -> None:
    bucket.put(f"2026-01-01/{named(1)}", *batches(1, 2), modified=1)
    bucket.put(f"shop/2026-01-02/{named(2, ending='.gz')}", *batches(3), packed=True, modified=2)
    bucket.put(named(3, ending=""), *batches(4), packed=True, modified=3)
    bucket.put("mParticle_Bucket_Verification_20260101-000000.txt", b"{}", modified=4)
    bucket.put("notes.csv", b"a,b", modified=5)
    assert all_of(bucket) == [
        *[1, 2, "read", 3, "read", 4, "read"],
        "skipped",
        "foreign: its name is none of mParticle's; it is not read",
    ]


def test_objects_come_in_the_order_in_which_they_were_modified_then_by_key(bucket: Bucket) -> None:
    for key, modified, mpid in (("b", 10, 2), ("c", 5, 1), ("a", 10, 3)):
        bucket.put(f"{key}/{named(1)}", *batches(mpid), modified=modified)
    assert [one for one in all_of(bucket) if one != "read"] == [1, 3, 2]


@pytest.mark.parametrize("folder", ["a+b", "50%", "100%25", "two words", "Größe/店", "a&b=c", "~'()*!", "q?x#y"])
def test_a_prefix_of_any_letters_is_taken_as_it_is(bucket: Bucket, folder: str) -> None:
    bucket.put(f"{folder}/{named(1)}", *batches(1))
    bucket.put(f"other/{named(1)}", *batches(2))
    assert all_of(bucket, f"{folder}/") == [1, "read"]


def test_more_objects_than_one_page_lists_are_all_read(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        bucket.put(named(number), *batches(number + 1))
    store = Amazon()
    call = store._call

    async def two_a_page(method: str, **arguments: Any) -> Any:
        return await call(method, **arguments, **({"MaxKeys": 2} if method == "list_objects_v2" else {}))

    monkeypatch.setattr(store, "_call", two_a_page)
    assert len(list(store.listed(bucket.name, ""))) == 5


def test_a_line_of_300_kb_and_an_object_of_many_parts_are_read_whole(bucket: Bucket) -> None:
    long = orjson.dumps({"mpid": 2, "user_attributes": {"a": "x" * 300_000}})
    bucket.put(named(1), *batches(1), long, *batches(3))
    filler = orjson.dumps({"mpid": 4, "user_attributes": {"a": "x" * 1000}})
    bucket.put_bytes(named(2), (filler + b"\n") * (PART // 1000 + 500), modified=4e9)
    found = all_of(bucket)
    assert found[:4] == [1, 2, 3, "read"]
    assert found[4:] == [4] * (PART // 1000 + 500) + ["read"]
    ranges = [one["HTTP_RANGE"] for one in bucket.front.heard if "HTTP_RANGE" in one]
    assert ranges[1] == f"bytes=0-{PART - 1}"
    assert len(ranges) == 3


def test_no_more_than_a_part_is_asked_for_at_once() -> None:
    asked: list[int] = []
    line = batches(1)[0] + b"\n"

    class Endless:
        def listed(self, bucket: str, prefix: str) -> Iterator[Stored]:
            yield Stored(bucket, f"{prefix}{named(1)}", "e", len(line) * 200_000, 0.0)

        def part(self, _stored: Stored, start: int, size: int) -> bytes:
            asked.append(size)
            whole = line * (size // len(line) + 2)
            return whole[start % len(line) :][:size]

    buckets = Buckets(Endless, Progress(None, "test"), Choices())
    assert sum(one == 1 for one in taken(buckets.opened("s3://any/"))) == 200_000
    assert max(asked) <= PART
    assert len(asked) > 2


def test_the_same_object_in_two_sources_is_read_once(bucket: Bucket) -> None:
    bucket.put(f"a/{named(1)}", *batches(1))
    both = reader()
    assert taken(both.opened(f"{bucket.source}/a/")) == [1, "read"]
    assert taken(both.opened(bucket.source)) == []


def test_files_and_buckets_come_in_the_order_of_the_sources(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put(named(1), *batches(1))
    (tmp_path / "a.txt").write_bytes(batches(2)[0])
    sources = [str(tmp_path / "a.txt"), bucket.source, str(tmp_path / "a.txt")]
    found = [one.batch.mpid for one in records(sources, reader) if isinstance(one, Record)]
    assert found == [2, 1, 2]


def test_a_source_that_cannot_be_had_is_known_before_the_first_record_of_another(bucket: Bucket) -> None:
    bucket.put(named(1), *batches(1))
    with pytest.raises(SourceError, match="nowhere"):
        next(records([bucket.source, "nowhere.txt"], reader))


def test_a_bucket_without_objects_and_a_prefix_without_objects_give_nothing(bucket: Bucket) -> None:
    assert all_of(bucket) == []
    bucket.put(named(1), *batches(1))
    assert all_of(bucket, "elsewhere/") == []


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("mPTravel_20171017170911644493_34523.txt", True),
        ("my app_v2_20171017170911644493_34523.txt.gz", True),
        ("a_20171017170911644493_34523", True),
        ("_20171017170911644493_34523.txt", False),
        ("a_2017101717091164449_34523.txt", False),
        ("a_20171017170911644493_345234.txt", False),
        ("a_20171017170911644493_34523 (copy).txt", False),
    ],
)
def test_a_name_of_mparticles_is_known_by_its_time_and_its_number(name: str, ours: bool) -> None:
    assert bool(OURS.fullmatch(name)) is ours


# --- what is amiss with one object ------------------------------------------------------------------------


def test_gzip_that_is_cut_short_gives_what_comes_before_and_the_place(bucket: Bucket) -> None:
    packed = gzip.compress(b"".join(line + b"\n" for line in batches(*range(1, 2000))), 1)
    bucket.put_bytes(named(1), packed[: len(packed) // 2], modified=1)
    bucket.put(named(2), *batches(7), modified=2)
    found = all_of(bucket)
    bad = next(index for index, one in enumerate(found) if str(one).startswith("bad"))
    assert found[:bad] == list(range(1, bad + 1))
    assert found[bad:] == [f"bad {bad + 1}: the gzip file is cut short; what comes before is read", "read", 7, "read"]


def test_an_object_that_is_gone_is_told_and_the_next_is_read(bucket: Bucket) -> None:
    bucket.put(named(1), *batches(1), modified=1)
    bucket.put(named(2), *batches(2), modified=2)
    opened = reader().opened(bucket.source)
    bucket.delete(named(1))
    gone = "unread: cannot be read: it is gone since the bucket was listed (NoSuchKey); stopped after line 0"
    assert taken(opened) == [gone, 2, "read"]


LONG_LINE = orjson.dumps({"mpid": 1, "user_attributes": {"a": "x" * 1000}}) + b"\n"


@pytest.mark.parametrize(
    "content", [b"{}", LONG_LINE.replace(b"1", b"2", 1) * (PART // 1000 + 100)], ids=["shorter", "as long"]
)
def test_an_object_that_changes_while_it_is_read_is_not_read_on(bucket: Bucket, content: bytes) -> None:
    line = LONG_LINE
    bucket.put_bytes(named(1), line * (PART // 1000 + 100))
    opened = reader().opened(bucket.source)
    first = next(opened)
    assert isinstance(first, Record)
    bucket.put_bytes(named(1), content)
    *read, last = taken(opened)
    assert set(read) == {1}
    assert re.fullmatch(r"unread: cannot be read: it was changed while it was read; .* stopped after line \d+", last)


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("AccessDenied", 403, "access to it is denied; allow s3:GetObject (AccessDenied)"),
        ("InvalidObjectState", 403, "it is archived; restore it first (InvalidObjectState)"),
        ("InternalError", 500, "S3 does not give it (InternalError)"),
    ],
)
def test_an_object_that_s3_does_not_give_is_told_and_the_next_is_read(
    bucket: Bucket, code: str, status: int, said: str
) -> None:
    bucket.put(named(1), *batches(1), modified=1)
    bucket.put(named(2), *batches(2), modified=2)
    bucket.front.trouble.append(Trouble(f"GET .*{named(1)}", code, status))
    assert all_of(bucket) == [f"unread: cannot be read: {said}; stopped after line 0", 2, "read"]


def test_a_connection_that_is_lost_half_way_is_tried_again_and_no_half_line_is_a_batch(bucket: Bucket) -> None:
    bucket.put(named(1), *batches(1, 2, 3))
    cut = Trouble(f"GET .*{named(1)}", truncate=len(batches(1)[0]) + 20, times=2)
    bucket.front.trouble.append(cut)
    assert all_of(bucket) == [1, 2, 3, "read"]
    assert cut.times == 0


def test_less_than_was_asked_for_is_not_taken_for_all_of_it(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put(named(1), *batches(1, 2))
    store = Amazon()
    call, ranges = store._call, ["bytes=0-30"]

    async def short_once(method: str, **arguments: Any) -> Any:
        if method == "get_object" and ranges:
            arguments["Range"] = ranges.pop()
        return await call(method, **arguments)

    monkeypatch.setattr(store, "_call", short_once)
    assert taken(Buckets(lambda: store, Progress(None, "test"), Choices()).opened(bucket.source)) == [1, 2, "read"]
    assert ranges == []


def test_a_connection_that_is_lost_each_time_is_told_and_the_object_is_read_at_a_later_start(bucket: Bucket) -> None:
    bucket.put(named(1), *batches(1, 2), modified=1)
    bucket.put(named(2), *batches(3), modified=2)
    bucket.front.trouble.append(Trouble(f"GET .*{named(1)}", truncate=30, times=3))
    progress = Progress(None, "test")
    first, *rest = taken(reader(progress).opened(bucket.source))
    assert re.fullmatch(r"unread: cannot be read: the connection was lost .*, 3 times; .* line 0", first)
    assert rest == [3, "read"]
    assert taken(reader(progress).opened(bucket.source)) == [1, 2, "read", "before"]


# --- what is amiss with all of them -----------------------------------------------------------------------


@pytest.mark.usefixtures("bucket")
def test_a_bucket_that_is_not_there_is_one_line() -> None:
    with pytest.raises(SourceError) as caught:
        reader().opened("s3://no-such-bucket/x")
    assert str(caught.value).startswith("s3://no-such-bucket: there is no such bucket")


@pytest.mark.parametrize("source", ["s3://", "s3:///key"])
def test_a_source_without_a_bucket_is_one_line(source: str) -> None:
    with pytest.raises(SourceError, match="names no bucket"):
        reader().opened(source)


@pytest.mark.usefixtures("bucket")
def test_a_name_that_no_bucket_can_have_is_one_line() -> None:
    with pytest.raises(SourceError, match="no bucket can have this name"):
        reader().opened("s3://a b/c")


def test_another_bucket_than_the_connections_is_refused_before_anything_is_asked(bucket: Bucket) -> None:
    with pytest.raises(SourceError, match=r"is not in the bucket mine that madconnect\.bucket names"):
        reader(only="mine").opened(bucket.source)
    assert bucket.front.heard[1:] == []
    assert all_of(bucket, only=bucket.name) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDenied", "the bucket refuses to be listed; allow s3:ListBucket"),
        ("ExpiredToken", "the AWS credentials have expired; renew them and start again"),
        ("InvalidAccessKeyId", "AWS does not know the access key; check AWS_ACCESS_KEY_ID or AWS_PROFILE"),
        ("SignatureDoesNotMatch", "AWS does not take the secret; check AWS_SECRET_ACCESS_KEY or AWS_PROFILE"),
        ("Whatever", "S3 does not list it"),
    ],
)
def test_a_bucket_that_refuses_is_one_line_without_what_aws_said(bucket: Bucket, code: str, said: str) -> None:
    bucket.front.trouble.append(Trouble(LIST, code))
    assert refusal(bucket) == f"{bucket.source}: {said} ({code})"


def test_credentials_that_expire_between_two_objects_end_the_reading(bucket: Bucket) -> None:
    bucket.put(named(1), *batches(1))
    bucket.put(named(2), *batches(2))
    bucket.front.trouble.append(Trouble(f"GET .*{named(2)}", "ExpiredToken", 400))
    address = f"{bucket.source}/{named(2)}"
    assert refusal(bucket) == (
        f"{address}: cannot be read: the AWS credentials have expired; renew them and start again (ExpiredToken); "
        "stopped after line 0"
    )


def test_an_endpoint_that_is_not_there_is_one_line(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert "S3 cannot be reached; check the network" in refusal(bucket)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    assert "AWS_ENDPOINT_URL is no address" in refusal(bucket)


def test_no_credentials_half_of_them_and_an_unknown_profile_are_one_line_each(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "there is no such AWS profile" in refusal(bucket)
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "half of the AWS credentials is missing" in refusal(bucket)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert "there are no AWS credentials" in refusal(bucket)


def test_without_the_extra_the_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(SourceError, match=r"run: pip install 'sessionm-harness\[s3\]'"):
        reader().opened("s3://any")


# --- whose credentials, where -----------------------------------------------------------------------------


def heard(bucket: Bucket) -> dict[str, str]:
    all_of(bucket)
    return dict(bucket.front.heard[-1])


def test_key_region_and_session_token_are_those_of_awss_variables(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Credential=AKIAEXAMPLE/" in heard(bucket)["HTTP_AUTHORIZATION"]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert "/eu-west-1/s3/" in heard(bucket)["HTTP_AUTHORIZATION"]
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    assert "/ap-south-1/s3/" in heard(bucket)["HTTP_AUTHORIZATION"]
    assert "HTTP_X_AMZ_SECURITY_TOKEN" not in heard(bucket)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "for-an-hour")
    assert heard(bucket)["HTTP_X_AMZ_SECURITY_TOKEN"] == "for-an-hour"


def test_a_profile_brings_its_own_key_and_region(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text("[shop]\naws_access_key_id = AKIASHOP\naws_secret_access_key = s\n")
    (tmp_path / "config").write_text("[profile shop]\nregion = us-west-2\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "shop")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert re.search(r"Credential=AKIASHOP/\d+/us-west-2/s3/", heard(bucket)["HTTP_AUTHORIZATION"])


def test_an_endpoint_for_s3_alone_goes_before_the_one_for_all(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.url)
    assert all_of(bucket) == []


# --- reading on -------------------------------------------------------------------------------------------


def test_a_later_start_reads_on_and_what_came_meanwhile(bucket: Bucket, tmp_path: Path) -> None:
    def start() -> list[Any]:
        with Progress(tmp_path / "progress", "test") as progress:
            return taken(reader(progress).opened(bucket.source))

    bucket.put(named(2), *batches(1, 2), modified=2)
    assert start() == [1, 2, "read"]
    bucket.put(named(1), *batches(3), modified=1)
    assert start() == [3, "read", "before"]
    assert start() == ["before", "before"]
    bucket.put(named(2), *batches(1, 2, 4), modified=2)
    again = "again: it was changed since it was read; all of it is sent once more"
    assert start() == ["before", again, 1, 2, 4, "read"]


def test_from_start_reads_again_what_the_sources_hold_and_remembers_the_rest(bucket: Bucket) -> None:
    bucket.put(f"a/{named(1)}", *batches(1), modified=1)
    bucket.put(f"b/{named(1)}", *batches(2), modified=2)
    progress = Progress(None, "test")
    taken(reader(progress).opened(bucket.source))
    assert taken(reader(progress, from_start=True).opened(f"{bucket.source}/a/")) == [1, "read"]
    assert taken(reader(progress).opened(bucket.source)) == ["before", "before"]
