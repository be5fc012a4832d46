"""No secret that the operator knows stands in a text that it shows."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.redaction import MARK, Redaction

#: With what each encoding writes in another way.
PASSWORD = "p@ss/w+rd=ü x:y\"z'?>~"
PLAIN = "x_Zb8-Kq0bJrT3mEw5nYhU2cVd9LfGaPsQ1oXi7RkzM"

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in a URL": lambda text: f"postgresql://tenant_acme:{quote(text, safe='')}@db:5432/tenant_acme",
    "in a URL, with what a path may have": quote,
    "in a form": quote_plus,
    "in JSON": lambda text: json.dumps({"password": text}),
    "in JSON that is not ASCII": lambda text: json.dumps({"password": text}, ensure_ascii=False),
    "in Python's words": repr,
    "in Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in Base64 of URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "in the header of a login": lambda text: base64.b64encode(f"tenant_acme:{text}".encode()).decode(),
    "in Base64 behind one letter": lambda text: base64.b64encode(f"a:{text}:b".encode()).decode(),
    "in Base64 behind none": lambda text: base64.b64encode(f":{text}:".encode()).decode(),
}


@pytest.mark.parametrize("secret", [PASSWORD, PLAIN])
@pytest.mark.parametrize("form", FORMS)
def test_a_password_is_hidden(form: str, secret: str) -> None:
    written = FORMS[form](secret)
    shown = Redaction([secret]).hide(f"before {written} after")
    assert MARK in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    # Of Base64, a digit at either end is of what stands beside it.
    left = [written[start : start + 5] for start in range(len(written) - 4) if written[start : start + 5] in shown]
    assert all(one in written.replace(_core(written, shown), "") for one in left), shown


def _core(written: str, shown: str) -> str:
    """What was hidden of a text."""
    head, _, tail = shown.removeprefix("before ").removesuffix(" after").partition(MARK)
    return written[len(head) : len(written) - len(tail)] if tail else written[len(head) :]


def test_percents_in_small_letters_are_hidden() -> None:
    assert Redaction(["a/b=c"]).hide("postgresql://u:a%2fb%3dc@db") == "postgresql://u:***@db"


def test_each_line_of_a_secret_is_hidden_and_words_that_logs_are_full_of_are_not() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n"
    shown = Redaction([key, "dev", ""]).hide("the dev key is kqhkiG9w0BAQEF")
    assert shown == "the dev key is ***"


def test_where_one_secret_is_a_part_of_another_nothing_of_the_longer_one_stays() -> None:
    assert Redaction(["hunter2", "hunter2-and-more"]).hide("x hunter2-and-more hunter2 y") == "x *** *** y"


def test_nothing_is_changed_where_nothing_is_secret() -> None:
    assert Redaction([]).hide("all of it") == "all of it"


@given(st.text(min_size=4, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_secret_stays_as_it_is_whatever_stands_around_it(secret: str, before: str, after: str) -> None:
    shown = Redaction([secret]).hide(f"{before}{secret}{after}")
    assert secret not in shown.replace(MARK, "\0") or secret in MARK


@given(st.binary(max_size=12), st.text(min_size=8, max_size=40), st.binary(max_size=12))
def test_nor_in_base64(before: bytes, secret: str, after: bytes) -> None:
    written = base64.b64encode(before + secret.encode() + after).decode()
    shown = Redaction([secret]).hide(written)
    assert MARK in shown


@pytest.mark.parametrize(
    ("secret", "written"),
    [
        ("Passw0rd!#2024", "Passw0rd!%232024"),
        ("a&b@c$Long1", "a&b%40c$Long1"),
        ("pa~ss wor*d9", "pa%7Ess+wor*d9"),
        ("Tr0ub4dor&3<x>", "Tr0ub4dor\\u00263\\u003cx\\u003e"),
        ("abc/def/ghi", "abc\\/def\\/ghi"),
        ('pa"ss\\word9', 'pa\\\\\\"ss\\\\\\\\word9'),
        ("it's-secret-9", "it''s-secret-9"),
        ("it's-secret-9", "it\\'s-secret-9"),
        ("secret", "736563726574"),
        ("postgresql://app:Sup3rS3cret@db.internal/app", "Sup3rS3cret"),
        ('{"apiKey": "sk_live_1234"}', "sk_live_1234"),
    ],
)
def test_what_libraries_make_of_a_secret_is_hidden(secret: str, written: str) -> None:
    assert Redaction([secret]).hide(f"401 for key {written} here") == "401 for key *** here"


def test_of_a_bundle_of_certificates_each_line_is_hidden_and_a_password_beside_it_in_each_form() -> None:
    bundle = [base64.b64encode(number.to_bytes(2, "big") * 24).decode() for number in range(3000)]
    redaction = Redaction(["\n".join(bundle), "p@ss word"])
    assert redaction.hide(f"line {bundle[1234]} and p%40ss+word") == "line *** and ***"
