"""What to say about a webhook message before it is sent: nothing of it stops Braze, and all of it is worth a look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from contracts import Violation
from contracts.interaction import pointer

from .webhook import Webhook

SPACE = "braze.webhook-header-space"
TTL = "braze.webhook-tag-ttl"
PERSONAL = "braze.webhook-no-personal-data"
TYPE = "braze.webhook-content-type-given"
IDS = {"user_id", "braze_id"}
OUTPUT = re.compile(r"\{\{((?:[^{}]|\{[^{}]*\})*)\}\}")
READ = re.compile(r"(custom_attribute\.)?\$\{([^}]*)\}")


def webhook_notes(webhook: Webhook) -> list[Violation]:
    """Everything to say about a message, in the order of its parts; no value of a header stands in it."""
    return [*_headers(webhook), *_personal(webhook), *_body(webhook)]


def _headers(webhook: Webhook) -> Iterator[Violation]:
    for name, value in webhook.headers.items():
        if value != value.strip(" \t"):
            place = pointer("webhook", "headers", name)
            text = f"{place}: white space round the value; it means nothing in HTTP and is not sent"
            yield Violation(SPACE, place, text, "white space", "the value alone")
    typed = any(name.lower() == "content-type" for name in webhook.headers)
    if webhook.body and webhook.method.upper() != "GET" and not typed:
        text = "/webhook/headers: a body and no Content-Type; Braze will guess one"
        yield Violation(TYPE, "/webhook/headers", text, "nothing", "Content-Type")


def _personal(webhook: Webhook) -> Iterator[Violation]:
    parts: Mapping[str, str] = {
        pointer("webhook", "url"): webhook.url,
        **{pointer("webhook", "headers", name): value for name, value in webhook.headers.items()},
        pointer("webhook", "body"): webhook.body,
    }
    for place, text in parts.items():
        read = [found for output in OUTPUT.findall(text) for found in READ.findall(output)]
        for namespace, name in read:
            if namespace or name.strip() not in IDS:
                shown = f"{namespace}${{{name}}}"
                message = f"{place}: {shown} sends more of a person than the id; SessionM needs the id alone"
                yield Violation(PERSONAL, place, message, shown, "${user_id}")


def _body(webhook: Webhook) -> Iterator[Violation]:
    if re.search(r'"tags"\s*:', webhook.body) and not re.search(r'"ttl"\s*:', webhook.body):
        text = "/webhook/body: tags without ttl; each call counts, a repeated one too, and nothing ever ends"
        yield Violation(TTL, "/webhook/body", text, "no ttl", "seconds")
