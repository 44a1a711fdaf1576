"""Advice of the rooms before names options of the command line; on a page it names what stands there."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import coterie
from coterie.app.flow_words import error_for_page, for_page

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(coterie.__file__).parent
#: Rooms whose errors and findings the way to a study shows.
ROOMS = ("sources", "features", "preparation", "clustering", "profiles", "holdout", "campaigns/fairness", "pipeline.py")


def text_of(node: ast.AST) -> str:
    """The text that an expression makes, with X for what is put into it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (text_of(node.left) or "X") + (text_of(node.right) or "X")
    return ""


def texts_of(tree: ast.AST) -> Iterator[str]:
    """The whole texts of a module, but for those that explain it."""
    explained = (ast.Module, ast.FunctionDef, ast.ClassDef)
    seen = {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, explained) and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    for node in ast.walk(tree):
        text = "" if id(node) in seen else text_of(node)
        if text:
            seen |= {id(part) for part in ast.walk(node)}
            yield text


@pytest.mark.parametrize("room", ROOMS)
def test_no_advice_brings_an_option_of_the_command_line_onto_a_page(room: str) -> None:
    place = SOURCE / room
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    told = [text for path in files for text in texts_of(ast.parse(path.read_text(encoding="utf-8")))]
    assert files
    assert [text for text in told if re.search(r"(?<!\w)--[a-z]", for_page(text))] == []


def test_every_part_of_an_error_is_told_as_a_page_tells_it() -> None:
    error = {"what": "--columns names 2 columns.", "found": "", "remedy": "Name the right encoding with --encoding."}
    told = error_for_page(error)
    assert told["what"] == "“Names of the columns” names 2 columns."
    assert told["remedy"] == "Name the right encoding under “How the files are read”."
