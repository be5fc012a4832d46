"""`reasons.json` has every reason that the operator gives why a tenant is not well: `tenantry why` has a next step for each of them."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from tenantry_operator import problems

OPERATOR = Path(__file__).parent.parent
#: What makes a reason of its first or second argument, by where that stands.
PROBLEMS = {name for name, one in vars(problems).items() if isinstance(one, type) and issubclass(one, problems.Problem)}
MAKES = dict.fromkeys([*PROBLEMS, "Wait", "Unanswered"], 0) | {"Verdict": 1}
#: Calls whose reason is no word in the source, with all that it can be.
COMPUTED = {
    # What Kubernetes says when it refuses: `k8s.io/apimachinery/pkg/apis/meta/v1/types.go`, StatusReason. There may be more in time.
    'faults.py: error.status.reason or "KubernetesRefuses"',
    # A reason of before, or of another problem.
    "problems.py: first.reason",
    "secret_variables.py: worst.reason",
    "services.py: conflict.reason",
    "turns.py: wait.reason",
    "health_verdict.py: answer.reason",
    "health_verdict.py: verdict.reason",
    # All that stand in a table beside it.
    "health_verdict.py: reason",
}
TABLES = {"health_verdict.py": {"CertificateNotYetValid", "CertificateExpired", "CertificateSelfSigned", "CertificateForOtherHost"}}
#: What is no reason for anything to be wrong.
WELL = {"Healthy"}


def test_every_reason_is_listed_and_no_other() -> None:
    listed = json.loads((OPERATOR / "reasons.json").read_text())
    assert listed == sorted(listed)
    found = {one for source in _sources() for one in _reasons(source)} | {"CertificateUntrusted", "KubernetesRefuses"}
    assert set(listed) == (found | {one for table in TABLES.values() for one in table}) - WELL


def test_a_reason_that_is_computed_is_known_to_be() -> None:
    assert {text for source in _sources() for text in _computed(source)} == COMPUTED


def test_what_stands_in_a_table_is_in_the_source() -> None:
    for name, reasons in TABLES.items():
        text = (OPERATOR / "tenantry_operator" / name).read_text()
        assert all(f'"{one}"' in text for one in reasons)


def _sources() -> list[Path]:
    return sorted((OPERATOR / "tenantry_operator").glob("*.py"))


def _calls(source: Path) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Calls that give a reason, with what it is. `kind` and `type(...)` are what chooses between two classes of problems."""
    for node in ast.walk(ast.parse(source.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        is_type = isinstance(node.func, ast.Call) and isinstance(node.func.func, ast.Name) and node.func.func.id == "type"
        at = 0 if (name == "kind" or is_type) and len(node.args) == 2 else MAKES.get(name)
        if at is not None and len(node.args) > at:
            yield node, node.args[at]


def _reasons(source: Path) -> Iterator[str]:
    for _, reason in _calls(source):
        if isinstance(reason, ast.Constant):
            yield str(reason.value)


def _computed(source: Path) -> Iterator[str]:
    for _, reason in _calls(source):
        if not isinstance(reason, ast.Constant):
            yield f"{source.name}: {ast.unparse(reason)}".replace("'", '"')
