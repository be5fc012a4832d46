"""Asks services for their health as anybody outside would, through the tenant's host: what `tenantry verify` asks.

Pods that are ready say nothing of a host that leads nowhere, of a certificate that has expired, or of an ingress that answers for others.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable

import httpx2

from tenantry_operator.health_verdict import Answered, Question, Unanswered, Verdict, introduces_itself, judge, sum_up, unanswered
from tenantry_operator.tenant import Tenant

#: Seconds that an answer may take, all of it.
DEADLINE = 5.0
#: Bytes of an answer that are read.
LONGEST_BODY = 64 * 1024
#: Questions that are open at once, of all tenants together.
CONCURRENCY = 32
#: Images of which it is remembered that they introduce themselves.
REMEMBERED = 1000


class Health:
    """Asks, and remembers nothing but which images say who they are."""

    def __init__(self, ingress: str | None = None, trusted: ssl.SSLContext | None = None, deadline: float = DEADLINE) -> None:
        """`ingress`: where to ask instead of at the tenants' own addresses; their hosts are still what is asked for, also in TLS."""
        self._ingress = None if ingress is None else httpx2.URL(ingress)
        # Of the machine, or those of SSL_CERT_FILE. To read them takes long, so it is done once.
        self._trusted = trusted or httpx2.create_ssl_context()
        self._deadline = deadline
        self._open = asyncio.Semaphore(CONCURRENCY)
        self._introducing: dict[str, None] = {}

    async def ask(self, questions: Iterable[Question]) -> Verdict:
        """Asks all of these at once, and sums up. Always comes to a verdict."""
        asked = list(questions)
        answers = await asyncio.gather(*[self._ask_one(question) for question in asked])
        for question, answer in zip(asked, answers, strict=True):
            if introduces_itself(question, answer):
                self._introducing.pop(question.image, None)
                self._introducing[question.image] = None
        for image in list(self._introducing)[:-REMEMBERED]:
            del self._introducing[image]
        return sum_up(
            (question, judge(question, answer, question.image in self._introducing))
            for question, answer in zip(asked, answers, strict=True)
        )

    async def _ask_one(self, question: Question) -> Answered | Unanswered:
        async with self._open:
            try:
                async with asyncio.timeout(self._deadline):
                    return await self._exchange(question)
            except TimeoutError:
                return Unanswered("TimedOut", f"does not answer within {self._deadline:g} s")
            except Exception as error:
                return unanswered(error)

    async def _exchange(self, question: Question) -> Answered:
        asked = httpx2.URL(f"https://{question.host}{question.path}")
        request = httpx2.Request(
            "GET",
            asked if self._ingress is None else self._ingress.copy_with(raw_path=asked.raw_path),
            headers={"host": question.host, "accept": "application/json", "accept-encoding": "identity", "user-agent": "tenantry-operator"},
            extensions={"sni_hostname": question.host},
        )
        # A transport of its own for each: no cookie, no redirect, no proxy of the environment, no connection that is kept and may break.
        async with httpx2.AsyncHTTPTransport(verify=self._trusted, trust_env=False) as transport:
            response = await transport.handle_async_request(request)
            try:
                body = b""
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > LONGEST_BODY:
                        break
            finally:
                await response.aclose()
        text = body[:LONGEST_BODY].decode(errors="replace")
        return Answered(response.status_code, response.reason_phrase, response.headers.get("location"), text)


def questions(tenant: Tenant, commits: dict[str, tuple[str, ...]] | None = None) -> list[Question]:
    """Every service with a path at the host that answers for its health, and runs at all; none of a tenant that runs nothing.

    `commits`: what the pods of a service were told that they are, where that may be another than the Tenant's.
    """
    if tenant.spec.runs_nothing:
        return []
    return [
        Question(tenant.name, one.name, tenant.spec.host, one.health_path, one.image, (one.commit, *(commits or {}).get(one.name, ())))
        for one in tenant.spec.services
        if one.path and one.health_path and one.replicas > 0
    ]
