"""Buckets behind a real S3 API, with whatever AWS's own variables and files say of credentials, region and endpoint.

Nothing that AWS answers is quoted: what is said here is said in words of our own, beside AWS's code for it.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from .ndjson import SourceError, Unreadable
from .s3 import SCHEME, Stored

TRIES = 3
"""How often one part of an object is asked for, when the connection is lost on its way."""

OF_OBJECT: Mapping[str, str] = {
    "NoSuchKey": "it is gone since the bucket was listed",
    "404": "it is gone since the bucket was listed",
    "PreconditionFailed": "it was changed while it was read; the next start reads it from its start",
    "412": "it was changed while it was read; the next start reads it from its start",
    "InvalidRange": "it was changed while it was read; the next start reads it from its start",
    "416": "it was changed while it was read; the next start reads it from its start",
    "AccessDenied": "access to it is denied; allow s3:GetObject",
    "403": "access to it is denied; allow s3:GetObject",
    "InvalidObjectState": "it is archived; restore it first",
}
"""S3's code for what is wrong with one object, and what to say of it."""
OF_ALL: Mapping[str, str] = {
    "NoSuchBucket": "there is no such bucket; check its name, and AWS_ENDPOINT_URL",
    "InvalidBucketName": "no bucket can have this name; write s3://bucket/prefix",
    "AccessDenied": "the bucket refuses to be listed; allow s3:ListBucket",
    "AllAccessDisabled": "the bucket refuses to be listed; its owner has closed it",
    "403": "the bucket refuses to be listed; allow s3:ListBucket",
    "ExpiredToken": "the AWS credentials have expired; renew them and start again",
    "ExpiredTokenException": "the AWS credentials have expired; renew them and start again",
    "RequestExpired": "the AWS credentials have expired; renew them and start again",
    "TokenRefreshRequired": "the AWS credentials have expired; renew them and start again",
    "InvalidToken": "AWS does not take the session token; check AWS_SESSION_TOKEN",
    "InvalidAccessKeyId": "AWS does not know the access key; check AWS_ACCESS_KEY_ID or AWS_PROFILE",
    "SignatureDoesNotMatch": "AWS does not take the secret; check AWS_SECRET_ACCESS_KEY or AWS_PROFILE",
    "RequestTimeTooSkewed": "the clock of this machine is wrong; set it",
    "PermanentRedirect": "the bucket is in another region; set AWS_REGION",
    "AuthorizationHeaderMalformed": "the bucket is in another region; set AWS_REGION",
    "301": "the bucket is in another region; set AWS_REGION",
}
"""S3's code for what is wrong with a bucket or with us."""
ONLY_LISTING = frozenset({"AccessDenied", "403"})
"""Codes of OF_ALL that say nothing of other objects when one object is refused."""
UNASKED: Mapping[str, str] = {
    "NoCredentialsError": "there are no AWS credentials; set AWS_ACCESS_KEY_ID and its secret, or AWS_PROFILE",
    "PartialCredentialsError": "half of the AWS credentials is missing; set both parts of the pair",
    "CredentialRetrievalError": "the AWS credentials cannot be fetched; check AWS_PROFILE",
    "TokenRetrievalError": "the AWS credentials have expired; sign in again",
    "SSOTokenLoadError": "the AWS credentials have expired; sign in again",
    "UnauthorizedSSOTokenError": "the AWS credentials have expired; sign in again",
    "ProfileNotFound": "there is no such AWS profile; check AWS_PROFILE",
    "ParamValidationError": "no bucket can have this name; write s3://bucket/prefix",
    "InvalidRegionError": "no region can have this name; check AWS_REGION",
    "EndpointConnectionError": "S3 cannot be reached; check the network, AWS_ENDPOINT_URL and AWS_REGION",
    "ConnectTimeoutError": "S3 cannot be reached; check the network, AWS_ENDPOINT_URL and AWS_REGION",
    "ProxyConnectionError": "S3 cannot be reached through the proxy; check HTTPS_PROXY",
    "SSLError": "S3 cannot be reached safely; check AWS_CA_BUNDLE",
    "ValueError": "AWS_ENDPOINT_URL is no address; write http://host:port",
}
"""What happened before S3 could answer, by the name of the exception."""


class Amazon:
    """A `Store`. Raises `SourceError` where s3fs is not there, or AWS's settings are of no use."""

    def __init__(self) -> None:
        try:
            import s3fs
            from fsspec.asyn import sync
        except ImportError as error:
            raise SourceError(
                "s3:// needs s3fs, which is not installed; run: pip install 'sessionm-harness[s3]'"
            ) from error
        # botocore reads AWS_DEFAULT_REGION only; AWS's other tools read this one first.
        region = os.environ.get("AWS_REGION")
        self._files = s3fs.S3FileSystem(
            skip_instance_cache=True,
            use_listings_cache=False,
            client_kwargs={"region_name": region} if region else {},
        )
        self._files.retries = 1  # botocore tries again by itself, as AWS_MAX_ATTEMPTS says
        self._sync = sync

    def listed(self, bucket: str, prefix: str) -> Iterator[Stored]:
        more: dict[str, str] = {}
        while True:
            page = self._asked(
                f"{SCHEME}{bucket}: ", None, lambda: self._call("list_objects_v2", Bucket=bucket, Prefix=prefix, **more)
            )
            for one in page.get("Contents", ()):
                yield Stored(bucket, one["Key"], one["ETag"], one["Size"], one["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            more["ContinuationToken"] = page["NextContinuationToken"]

    def part(self, stored: Stored, start: int, size: int) -> bytes:
        found: bytes = self._asked("", stored, lambda: self._part(stored, start, size))
        return found

    async def _call(self, method: str, **arguments: Any) -> Any:
        return await self._files._call_s3(method, **arguments)  # noqa: SLF001  call_s3 without its own thread

    async def _part(self, stored: Stored, start: int, size: int) -> bytes:
        answer = await self._call(
            "get_object",
            Bucket=stored.bucket,
            Key=stored.key,
            Range=f"bytes={start}-{start + size - 1}",
            IfMatch=stored.etag,
        )
        try:
            body: bytes = await answer["Body"].read()
        finally:
            answer["Body"].close()
        if len(body) != size:
            raise ConnectionError(f"{len(body)} of {size} bytes came")
        return body

    def _asked(self, where: str, stored: Stored | None, ask: Callable[[], Awaitable[Any]]) -> Any:
        """An answer; again where the connection was lost. `where` begins what is said of a whole bucket.

        Raises `SourceError`, or `Unreadable` where only the object is concerned.
        """
        tries = 1 if stored is None else TRIES
        while True:
            tries -= 1
            try:
                return self._sync(self._files.loop, ask)
            except Exception as error:  # what comes out of botocore and aiohttp has no common root
                trouble = _trouble(where, error, one=stored is not None)
                if tries == 0 or trouble is not None:
                    raise trouble or _lost(where, error, one=stored is not None) from error


def _trouble(where: str, error: Exception, *, one: bool) -> SourceError | None:
    """What is wrong for good; None for what another try may mend. `one` is whether an object was asked for."""
    answer = getattr(error.__cause__, "response", None) or getattr(error, "response", None)
    if isinstance(answer, Mapping):
        code = str(answer.get("Error", {}).get("Code", ""))
        if code in OF_ALL and not (one and code in ONLY_LISTING):
            return SourceError(f"{where}{OF_ALL[code]} ({code})")
        if one:
            return Unreadable(f"{OF_OBJECT.get(code, 'S3 does not give it')} ({code})")
        return SourceError(f"{where}S3 does not list it ({code})")
    for kind in type(error).__mro__:
        if kind.__name__ in UNASKED:
            return SourceError(f"{where}{UNASKED[kind.__name__]}")
    return None


def _lost(where: str, error: Exception, *, one: bool) -> SourceError:
    why = f"the connection was lost on the way ({type(error).__name__})"
    return Unreadable(f"{why}, {TRIES} times; start again to read on") if one else SourceError(f"{where}{why}")
