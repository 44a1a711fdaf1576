"""Hashed data are personal data, and nothing that we say calls them anything else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
READ = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*")]
    if path.suffix in {".md", ".py", ".j2", ".html", ".js", ".css", ".toml", ".sql"}
)
CLAIM = re.compile(r"an[oó]nym|de-?identif", re.IGNORECASE)
#: Words that shops write for customers whom they do not know.
PLACEHOLDERS = {"src/coterie/sources/value_words.py", "src/coterie/campaigns/audiences/cleaning.py"}


def test_nothing_is_called_anonymous() -> None:
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in READ
        if path.relative_to(ROOT).as_posix() not in PLACEHOLDERS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if CLAIM.search(line)
    ]
    assert found == []
    assert len(READ) > 200


@pytest.mark.parametrize(
    "page", ["docs/audiences.md", "docs/fairness.md", "src/coterie/outputs/templates/fairness.html.j2"]
)
def test_pages_that_speak_of_hashes_call_them_personal_data(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert "hash" in text
    assert "personal data" in text
