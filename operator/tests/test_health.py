"""Whether a tenant's services answer at its host, asked of a real server."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from example_tenant import COMMIT, IMAGE, example_tenant, service_body

from tenantry_operator.health import DEADLINE, Health, questions
from tenantry_operator.health_verdict import Answered, Question, Unanswered, Verdict, judge, plain, unanswered

HOST = "northwind.example.com"
QUESTION = Question("northwind", "apiserver", HOST, "/v1/health", IMAGE, (COMMIT,))

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def _answer(status: str = "200 OK", body: str | bytes = "", headers: str = "") -> Answer:
    async def write(_: bytes, writer: asyncio.StreamWriter) -> None:
        content = body.encode() if isinstance(body, str) else body
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n{headers}\r\n"
        writer.write(head.encode() + content)
        await writer.drain()

    return write


def _says(**said: Any) -> Answer:
    return _answer(body=json.dumps(said))


@asynccontextmanager
async def _server(answer: Answer, context: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """An address, and what was asked there."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            await answer(asked[-1], writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if context else 'http'}://127.0.0.1:{port}", asked


def _ask(
    answer: Answer,
    asked: list[Question] | None = None,
    context: ssl.SSLContext | None = None,
    trusted: ssl.SSLContext | None = None,
    deadline: float = DEADLINE,
) -> tuple[Verdict, list[bytes]]:
    async def happen() -> tuple[Verdict, list[bytes]]:
        async with _server(answer, context) as (address, requests):
            return await Health(address, trusted, deadline).ask(asked or [QUESTION]), requests

    return asyncio.run(happen())


def _bad(reason: str, words: str) -> Verdict:
    return Verdict(False, reason, f"apiserver at https://{HOST}/v1/health {words}")


def test_it_asks_for_the_health_path_at_the_tenants_host() -> None:
    verdict, (request,) = _ask(_says(tenant="northwind", service="apiserver", commit=COMMIT))

    assert verdict == Verdict(True, "Healthy", "every service with a health path answers at its host")
    lines = request.decode().lower().split("\r\n")
    assert lines[0] == "get /v1/health http/1.1"
    assert f"host: {HOST}" in lines


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(_answer(), id="with nothing"),
        pytest.param(_answer("204 No Content"), id="204"),
        pytest.param(_answer(body="ok"), id="with text"),
        pytest.param(_answer(body="[" * 100_000), id="with much that is no JSON"),
        pytest.param(_answer(body=b"\xff\xfe"), id="with bytes"),
        pytest.param(_says(commit=COMMIT[:7].upper()), id="with a short commit"),
        pytest.param(_says(commit="main", tenant=7), id="with something else in their places"),
    ],
)
def test_it_is_healthy_when_it_answers(answer: Answer) -> None:
    assert _ask(answer)[0].healthy


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        pytest.param(_answer("503 Service Unavailable"), "BadStatus", "answers 503: Service Unavailable", id="503"),
        pytest.param(
            _answer("503 Service Unavailable", '{"reason": "no \\u001b[31mdatabase"}'),
            "BadStatus",
            "answers 503: no [31mdatabase",
            id="its reason",
        ),
        pytest.param(_answer("404 "), "BadStatus", "answers 404: without a reason", id="404"),
        pytest.param(
            _answer("302 Found", headers="Location: https://login.example.com/\r\n"),
            "Redirected",
            "answers 302, a redirect to https://login.example.com/: a health path answers itself",
            id="a redirect",
        ),
        pytest.param(
            _says(tenant="contoso"), "OtherTenant", "answers for the tenant contoso: the host leads to another tenant", id="another tenant"
        ),
        pytest.param(
            _says(service="web-client"),
            "OtherService",
            "answers for the service web-client: the path leads to another",
            id="another service",
        ),
        pytest.param(_says(commit="f" * 40), "OtherCommit", f"answers from commit fffffff, not {COMMIT[:7]} yet", id="another commit"),
    ],
)
def test_it_is_unhealthy(answer: Answer, reason: str, words: str) -> None:
    assert _ask(answer)[0] == _bad(reason, words)


def test_a_service_may_tell_any_commit_of_its_image() -> None:
    assert _ask(_says(commit="f" * 40), [QUESTION._replace(commits=(COMMIT, "f" * 40))])[0].healthy


def test_what_does_not_end_is_left_after_the_deadline() -> None:
    async def never(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    assert _ask(never, deadline=0.2)[0] == _bad("TimedOut", "does not answer within 0.2 s")


def test_of_an_endless_answer_the_beginning_is_read() -> None:
    async def endless(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
            await writer.drain()

    assert _ask(endless)[0].healthy


def test_what_is_no_http_is_told() -> None:
    async def other(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.7\r\n")

    assert _ask(other)[0].reason == "NotHttp"


def test_a_host_that_nobody_serves_is_told() -> None:
    async def happen() -> Verdict:
        async with _server(_answer()) as (address, _):
            pass
        return await Health(address).ask([QUESTION])

    assert asyncio.run(happen()) == _bad("ConnectionRefused", "refuses connections")


def test_a_host_that_dns_does_not_know_is_told() -> None:
    verdict = asyncio.run(Health().ask([QUESTION._replace(host="northwind.invalid")]))

    assert verdict.reason in {"HostUnknown", "DnsUnavailable"}


@pytest.mark.parametrize("host", ["a" * 300 + ".example.com", "xn--.example.com", "north wind", "a..b", ""])
def test_a_host_that_cannot_be_asked_raises_nothing(host: str) -> None:
    assert not asyncio.run(Health(deadline=2).ask([QUESTION._replace(host=host)])).healthy


def test_the_first_that_is_unwell_is_named_and_the_others_are_counted() -> None:
    asked = [QUESTION, QUESTION._replace(service="web-client"), QUESTION._replace(service="tenant-auth")]

    assert _ask(_says(service="apiserver"), asked)[0].message == (
        f"web-client at https://{HOST}/v1/health answers for the service apiserver: the path leads to another (and 1 more)"
    )


def test_an_answer_that_does_not_say_who_it_is_where_the_same_image_did_is_somebody_elses() -> None:
    async def happen() -> list[Verdict]:
        answers = iter(
            [_says(tenant="northwind", service="apiserver"), _answer(body="<html>Welcome</html>"), _answer(body="<html>Welcome</html>")]
        )

        async def in_turn(request: bytes, writer: asyncio.StreamWriter) -> None:
            await next(answers)(request, writer)

        async with _server(in_turn) as (address, _):
            health = Health(address)
            others = [QUESTION._replace(tenant="contoso"), QUESTION._replace(tenant="contoso", image="another")]
            return [await health.ask([one]) for one in [QUESTION, *others]]

    assert [one.reason for one in asyncio.run(happen())] == ["Healthy", "NotItsAnswer", "Healthy"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the host, signed by itself, with its key in the same file."""
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    named = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    subprocess.run([*made, *named, "-keyout", folder / "key", "-out", folder / "certificate"], check=True, capture_output=True)
    return folder


class TestTls:
    """As for anybody outside."""

    @pytest.fixture
    def served(self, certificate: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "certificate", certificate / "key")
        return context

    @pytest.fixture
    def trusted(self, certificate: Path) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(certificate / "certificate"))

    def test_it_asks_the_ingress_by_the_tenants_name(self, served: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
        names: list[str | None] = []
        served.sni_callback = lambda _, name, __: names.append(name)

        assert _ask(_answer(), context=served, trusted=trusted)[0].healthy
        assert names == [HOST]

    def test_a_certificate_that_nobody_trusts_is_told(self, served: ssl.SSLContext) -> None:
        verdict, _ = _ask(_answer(), context=served)

        assert (verdict.reason, verdict.healthy) == ("CertificateSelfSigned", False)

    def test_a_certificate_for_another_host_is_told(self, served: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
        verdict, _ = _ask(_answer(), [QUESTION._replace(host="contoso.example.com")], served, trusted)

        assert verdict.reason == "CertificateForOtherHost"

    @pytest.mark.parametrize(
        ("code", "reason"),
        [(10, "CertificateExpired"), (9, "CertificateNotYetValid"), (20, "CertificateUntrusted"), (19, "CertificateUntrusted")],
    )
    def test_what_else_is_wrong_with_a_certificate_is_told(self, code: int, reason: str) -> None:
        error = ssl.SSLCertVerificationError("no")
        error.verify_code, error.verify_message = code, "as OpenSSL says it"

        assert unanswered(error).reason == reason
        assert "(as OpenSSL says it)" in unanswered(error).evidence

    def test_what_speaks_no_tls_is_told(self, trusted: ssl.SSLContext) -> None:
        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        async def happen() -> Verdict:
            server = await asyncio.start_server(refuse, "127.0.0.1", 0)
            async with server:
                return await Health(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", trusted).ask([QUESTION])

        assert asyncio.run(happen()).reason == "TlsFailed"


def test_only_services_that_are_reached_from_outside_and_run_are_asked() -> None:
    services = [
        service_body(),
        service_body(name="inside", path=None),
        service_body(name="silent", healthPath=None),
        service_body(name="stopped", replicas=0),
    ]

    assert questions(example_tenant(spec={"services": services})) == [QUESTION._replace(host=example_tenant().spec.host)]
    for stopped in ("decommission", "suspend"):
        assert questions(example_tenant(spec={stopped: True})) == []


def test_nothing_to_ask_is_healthy() -> None:
    assert asyncio.run(Health().ask([])) == Verdict(True, "Healthy", "no service has a health path at the host")


def test_what_kept_an_answer_from_coming_is_its_verdict() -> None:
    assert judge(QUESTION, Unanswered("TimedOut", "does not answer"), False) == Verdict(False, "TimedOut", "does not answer")
    assert judge(QUESTION, Answered(200, "OK", None, "null"), False).healthy


def test_what_others_say_is_one_plain_line() -> None:
    assert plain("a\x1b[2J\n\n  b\u202ec\x00") == "a [2J b c"
    assert plain("x" * 400) == "x" * 299 + "…"
