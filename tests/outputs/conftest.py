"""A study that all the tests of the outputs share; none of them changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coterie.outputs import Study
from outputs.factories import make_segmentation

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def study() -> Study:
    """The made-up study in memory."""
    return Study.from_segmentation(make_segmentation())


@pytest.fixture(scope="session")
def folder(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up study on disk."""
    return study.write(tmp_path_factory.mktemp("studies") / "garden")
