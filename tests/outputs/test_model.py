from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest

from coterie.errors import StudyError
from coterie.outputs.model import model_parts, read_model

if TYPE_CHECKING:
    from coterie.outputs import Study


def test_a_model_comes_back_as_it_was(study: Study) -> None:
    description, files = model_parts(study.model)
    back = read_model(description, files.__getitem__)
    assert back.recipe == study.model.recipe
    assert back.segment_of_label == study.model.segment_of_label == (4, 2, 5, 1, 3)
    assert back.ranges == study.model.ranges


def test_the_model_holds_no_customer(study: Study) -> None:
    description, files = model_parts(study.model)
    text = repr(description) + "".join(repr(content) for content in files.values())
    assert not [identity for identity in study.customers.index if identity in text]


def test_an_array_of_objects_is_refused(study: Study) -> None:
    description, _ = model_parts(study.model)
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(StudyError, match=r"part 'model/centres\.npy'"):
        read_model(description, lambda _: buffer.getvalue())


def test_a_header_that_claims_a_huge_array_is_refused_before_memory_is_taken(study: Study) -> None:
    description, _ = model_parts(study.model)
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    with pytest.raises(StudyError, match="larger than its file"):
        read_model(description, lambda _: buffer.getvalue())


def test_an_array_with_a_path_for_a_name_is_refused(study: Study) -> None:
    description, files = model_parts(study.model)
    description["arrays"] = {"../../etc/passwd": description["arrays"]["centres"]}
    with pytest.raises(StudyError, match="unknown name"):
        read_model(description, lambda _: files["centres.npy"])
