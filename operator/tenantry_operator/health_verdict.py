"""What an answer to the question of health comes to, by the same rules as `tenantry verify`. Pure."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import httpx2


class Question(NamedTuple):
    """One service of one tenant, to be asked."""

    tenant: str
    service: str
    host: str
    path: str
    image: str
    #: That the image was built from, as far as known: any of them may be the one that the service tells.
    commits: tuple[str, ...]


class Answered(NamedTuple):
    """What came back."""

    status: int
    phrase: str
    location: str | None
    #: The beginning, where it is longer than 64 KiB.
    body: str


class Unanswered(NamedTuple):
    """Nothing came back, and why, as the end of a sentence that begins with the service."""

    reason: str
    evidence: str


class Verdict(NamedTuple):
    """Whether a tenant's services answer for themselves."""

    healthy: bool
    #: One word in CamelCase, for programs.
    reason: str
    message: str


def judge(question: Question, answer: Answered | Unanswered, introduces: bool) -> Verdict:
    """Judges an answer.

    `introduces`: whether the same image introduced itself before, for this or another tenant. It would here as well, so an answer without
    is somebody else's: a default page, or the error page of another tenant.
    """
    if isinstance(answer, Unanswered):
        return Verdict(False, answer.reason, answer.evidence)
    status = answer.status
    if 300 <= status < 400:
        where = "nowhere" if answer.location is None else plain(answer.location, 200)
        return Verdict(False, "Redirected", f"answers {status}, a redirect to {where}: a health path answers itself")
    if not 200 <= status < 300:
        return Verdict(False, "BadStatus", f"answers {status}: {_why(answer)}")
    return _other(question, _record(answer.body), introduces) or Verdict(True, "Healthy", f"answers {answer.status}")


def _other(question: Question, said: dict[str, Any], introduces: bool) -> Verdict | None:
    """Who answers in place of the one that was asked."""
    tenant, service, commit = _text(said, "tenant"), _text(said, "service"), _commit(said)
    if tenant is not None and tenant != question.tenant:
        return Verdict(False, "OtherTenant", f"answers for the tenant {plain(tenant, 60)}: the host leads to another tenant")
    if service is not None and service != question.service:
        return Verdict(False, "OtherService", f"answers for the service {plain(service, 60)}: the path leads to another")
    if commit is not None and not any(one.startswith(commit) for one in question.commits):
        return Verdict(False, "OtherCommit", f"answers from commit {commit[:7]}, not {question.commits[0][:7]} yet")
    if introduces and (tenant is None or service is None):
        evidence = "answers, and does not say who it is as the same image did before: something else answers here"
        return Verdict(False, "NotItsAnswer", evidence)
    return None


def introduces_itself(question: Question, answer: Answered | Unanswered) -> bool:
    """Whether an answer says whose it is, and is right."""
    if isinstance(answer, Unanswered) or not 200 <= answer.status < 300:
        return False
    said = _record(answer.body)
    return _text(said, "tenant") == question.tenant and _text(said, "service") == question.service


def sum_up(verdicts: Iterable[tuple[Question, Verdict]]) -> Verdict:
    """One verdict of all: the first that is bad, and how many are bad besides."""
    judged = list(verdicts)
    bad = [(question, verdict) for question, verdict in judged if not verdict.healthy]
    if not bad:
        message = "every service with a health path answers at its host" if judged else "no service has a health path at the host"
        return Verdict(True, "Healthy", message)
    question, verdict = bad[0]
    more = "" if len(bad) == 1 else f" (and {len(bad) - 1} more)"
    return Verdict(False, verdict.reason, f"{question.service} at https://{question.host}{plain(question.path)} {verdict.message}{more}")


def unanswered(error: Exception) -> Unanswered:  # noqa: PLR0911, a table would hide the order
    """What kept an answer from coming. The cause tells, deep inside."""
    for one in _causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return _distrusted(one)
        if isinstance(one, ssl.SSLError):
            return Unanswered("TlsFailed", f"does not speak TLS as expected ({plain(one.reason or type(one).__name__)})")
        if isinstance(one, socket.gaierror):
            if one.errno == socket.EAI_AGAIN:
                return Unanswered("DnsUnavailable", "is at no address for now: DNS does not answer")
            return Unanswered("HostUnknown", "is at no address: DNS does not know the host")
        if isinstance(one, ConnectionRefusedError):
            return Unanswered("ConnectionRefused", "refuses connections")
        if isinstance(one, httpx2.InvalidURL | UnicodeError):
            return Unanswered("HostUnknown", "is at no address that can be asked")
        if isinstance(one, httpx2.RemoteProtocolError):
            return Unanswered("NotHttp", f"does not answer in HTTP ({plain(str(one))})")
    return Unanswered("Unreachable", f"cannot be reached ({plain(str(error)) or type(error).__name__})")


#: OpenSSL's numbers (X509_V_ERR_...): https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_CERTIFICATE_FAILURES = {
    9: ("CertificateNotYetValid", "has a certificate that begins later, by the clock of this machine"),
    10: ("CertificateExpired", "has a certificate that has expired, by the clock of this machine"),
    18: ("CertificateSelfSigned", "has a self-signed certificate"),
    62: ("CertificateForOtherHost", "has a certificate for another host"),
}


def _distrusted(error: ssl.SSLCertVerificationError) -> Unanswered:
    untrusted = (
        "CertificateUntrusted",
        "has a certificate of an authority that is not trusted here (SSL_CERT_FILE names others), or sends only a part of its chain",
    )
    reason, words = _CERTIFICATE_FAILURES.get(error.verify_code, untrusted)
    return Unanswered(reason, f"{words} ({plain(error.verify_message)})")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it came from, innermost first."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return reversed(chain)


def plain(text: str, longest: int = 300) -> str:
    """What others say, as one line that does nothing to a terminal."""
    line = re.sub(r" {2,}", " ", "".join(one if one.isprintable() else " " for one in text[:4000])).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _why(answer: Answered) -> str:
    """Why a service is not well, in its own words where it has any."""
    said = _record(answer.body)
    words = [_text(said, key) for key in ("reason", "message", "error")]
    return plain(next((one for one in words if one), answer.phrase), 200) or "without a reason"


def _record(body: str) -> dict[str, Any]:
    """A JSON object; an empty one for all else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text(said: dict[str, Any], key: str) -> str | None:
    value = said.get(key)
    return value if isinstance(value, str) else None


def _commit(said: dict[str, Any]) -> str | None:
    """At least 7 hexadecimal digits: anything else is not meant to be one."""
    commit = (_text(said, "commit") or "").lower()
    return commit if re.fullmatch(r"[0-9a-f]{7,40}", commit) else None
