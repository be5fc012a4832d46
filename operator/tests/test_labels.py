"""The labels of what belongs to a tenant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry_operator.labels import SELECTOR, labels_of, release_label

# What a release may be, by the definition of the files; and what a label's value may be, by Kubernetes.
releases = st.from_regex(r"releases/([A-Za-z0-9_][A-Za-z0-9._/-]{0,40})?[A-Za-z0-9]", fullmatch=True)
LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


@pytest.mark.parametrize(
    ("release", "label"),
    [
        ("releases/0.0.2", "releases-0.0.2"),
        ("releases/2026/q3", "releases-2026-q3"),
        ("releases//a", "releases-a"),
        ("releases/a_b-c", "releases-a_b-c"),
    ],
)
def test_a_release_is_labelled_as_its_image_is_tagged(release: str, label: str) -> None:
    assert release_label(release) == label


@given(releases)
def test_every_release_becomes_a_label_that_kubernetes_takes(release: str) -> None:
    assert LABEL_VALUE.fullmatch(release_label(release))


def test_the_selector_finds_what_belongs_to_any_tenant() -> None:
    assert SELECTOR.items() <= labels_of("acme").items()


def test_what_belongs_to_a_tenant_says_to_which() -> None:
    assert labels_of("acme") == {"app.kubernetes.io/managed-by": "tenantry-operator", "tenantry.dev/tenant": "acme"}
