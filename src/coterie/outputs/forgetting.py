"""Erasing a customer from a study: every row of theirs goes, the study stays whole, and what remains is said."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.errors import StudyError
from coterie.outputs.folder import MANIFEST, FolderReader, FolderWriter
from coterie.outputs.plain import dump_json
from coterie.outputs.spreadsheet import restore

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from coterie.outputs.model import Model
    from coterie.outputs.study import Study

#: What an erasure does not change, told every time.
REMAINS = (
    "Counts, averages, rules and pictures stay as they were made; none of them names a customer. In the map of "
    "customers a dot without a name may remain.",
    "Your own tables, lists that were exported, and the tools that they were uploaded to are not reached: take the "
    "customer out there too.",
)
_ID = "customer_id"


@dataclass(frozen=True)
class Erasure:
    """What was erased from one study.

    Attributes
    ----------
    folder : Path
    customers : int
        Customers of the request whom the study held.
    rows : mapping of str to int
        File -> rows taken out; for the model, points.
    exported : tuple of str
        Tools to which lists of this study were written, with the day.
    """

    folder: Path
    customers: int
    rows: Mapping[str, int]
    exported: tuple[str, ...]


def forget(folder: Path | str, customer_ids: Collection[str]) -> Erasure:
    """Erase customers from a study folder.

    Every row with their id goes from the tables and lists, their ids from the examples of segments, and their points
    from a model that keeps single customers. The manifest gets the new checksums and counts how many were erased. The
    folder is replaced as a whole: a failure leaves it as it was.

    Parameters
    ----------
    folder : path
    customer_ids : collection of str
        As they stand in the study.

    Returns
    -------
    Erasure
        `customers` is 0, and nothing was touched, where the study holds none of them.

    Raises
    ------
    StudyError
        The folder is no study, is damaged, or cannot be written.
    """
    from coterie.campaigns import audiences
    from coterie.outputs.study import Study

    path = Path(folder)
    _finish_earlier(path)
    reader = FolderReader(path)
    ids = frozenset(str(key).strip() for key in customer_ids)
    study = Study.load(path)
    held = ids & set(study.customers.index)
    exported = tuple(f"{entry['destination']} on {entry['at'][:10]}" for entry in audiences.read_log(path))
    changed, rows = _changes(reader, study, ids)
    if not rows:
        return Erasure(path, 0, {}, exported)
    earlier = int(reader.manifest.get("forgotten", 0))
    _replace(path, reader, changed, reader.manifest | {"forgotten": earlier + len(held)})
    return Erasure(path, len(held), rows, exported)


def _changes(reader: FolderReader, study: Study, ids: frozenset[str]) -> tuple[dict[str, bytes], dict[str, int]]:
    """New contents of the files that name the customers, and how many rows each loses."""
    changed: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    for path in sorted(reader.folder.rglob("*")):
        name = path.relative_to(reader.folder).as_posix()
        erase = _ERASERS.get(path.suffix)
        if erase is None or not path.is_file() or path.is_symlink() or name == MANIFEST:
            continue
        content = reader.read(name) if name in reader.manifest["files"] else path.read_bytes()
        found, taken = erase(content, ids)
        if taken:
            changed[name], rows[name] = found, taken
    files, taken = _model_without(study, ids)
    if taken:
        changed |= files
        rows["model"] = taken
    return changed, rows


def _csv_without(content: bytes, ids: frozenset[str]) -> tuple[bytes, int]:
    """A table of ours without the rows of these customers."""
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        return content, 0
    if not lines or (_ID not in lines[0] and "external_id" not in lines[0]):
        return content, 0
    place = lines[0].index(_ID if _ID in lines[0] else "external_id")
    kept = [line for line in lines if len(line) <= place or restore(line[place]) not in ids]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(kept)
    return text.getvalue().encode("utf-8"), len(lines) - len(kept)


def _parquet_without(content: bytes, ids: frozenset[str]) -> tuple[bytes, int]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from coterie.outputs.writing import ROW_GROUP

    table = pq.read_table(io.BytesIO(content))
    if _ID not in table.column_names:
        return content, 0
    theirs = pc.is_in(table[_ID].cast(pa.string()), value_set=pa.array(sorted(ids), pa.string()))
    kept = table.filter(pc.invert(theirs))
    buffer = io.BytesIO()
    pq.write_table(kept, buffer, compression="zstd", row_group_size=ROW_GROUP)
    return buffer.getvalue(), table.num_rows - kept.num_rows


def _json_without(content: bytes, ids: frozenset[str]) -> tuple[bytes, int]:
    """Examples of segments are lists of ids; any list loses the ids it holds."""
    taken = 0

    def clean(value: Any) -> Any:  # noqa: ANN401  a JSON value
        nonlocal taken
        if isinstance(value, dict):
            return {key: clean(inner) if key in ("typical", "edge") or _nests(inner) else inner
                    for key, inner in value.items()}  # fmt: skip
        if isinstance(value, list):
            kept = [clean(inner) for inner in value if not (isinstance(inner, str) and inner in ids)]
            taken += len(value) - len(kept)
            return kept
        return value

    try:
        data = clean(json.loads(content))
    except ValueError:
        return content, 0
    return (dump_json(data), taken) if taken else (content, 0)


def _nests(value: Any) -> bool:  # noqa: ANN401  a JSON value
    """Whether examples may lie deeper: lists of plain texts elsewhere hold names of features, never ids."""
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(inner, dict) for inner in value))


_ERASERS = {".csv": _csv_without, ".parquet": _parquet_without, ".json": _json_without}


def _model_without(study: Study, ids: frozenset[str]) -> tuple[dict[str, bytes], int]:
    """Take these customers' points out of a model that places others by the customers nearest to them.

    A point at which another customer stands as well stays, and so does the last point of a segment.
    """
    from coterie.outputs.model import model_parts

    points, labels = study.model.arrays.get("points"), study.model.arrays.get("label_of")
    theirs = np.array([key in ids for key in study.customers.index], dtype=bool)
    if points is None or labels is None or not theirs.any():
        return {}, 0
    gone = _points_of(study, points, theirs)
    for label in np.unique(labels):
        of_label = labels == label
        if gone[of_label].all():
            gone[np.flatnonzero(of_label)[0]] = False
    if not gone.any():
        return {}, 0
    arrays = dict(study.model.arrays) | {"points": points[~gone], "label_of": labels[~gone]}
    model: Model = dataclasses.replace(study.model, arrays=arrays)
    description, files = model_parts(model)
    changed = {f"model/{name}": files[name] for name in ("points.npy", "label_of.npy")}
    return changed | {"model/model.json": dump_json(description)}, int(gone.sum())


def _points_of(study: Study, points: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Which points are where one of these customers stands and nobody else."""
    from coterie.outputs import tables
    from coterie.pipeline import array_of

    columns = {
        name: array_of(study.customers[tables.feature_column(name)], numeric=study.features[name].is_numeric)
        for name in study.model.features
    }
    recipe, _ = study.model.restore()
    X = np.round(recipe.transform(columns).X, 9)
    own, others = ({row.tobytes() for row in X[part] + 0.0} for part in (theirs, ~theirs))
    return np.array([row.tobytes() in own - others for row in np.round(points, 9) + 0.0], dtype=bool)


def _replace(path: Path, reader: FolderReader, changed: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    """Make the folder anew under a hidden name, unchanged files shared with the old one, and put it in its place."""
    token = secrets.token_hex(4)
    new, old = path.parent / f".{path.name}.{token}.new", path.parent / f".{path.name}.{token}.old"
    try:
        new.mkdir(mode=0o700)
        writer = FolderWriter(new)
        for source in sorted(item for item in path.rglob("*") if item.is_file()):
            name = source.relative_to(path).as_posix()
            if name != MANIFEST and name not in changed:
                _share(source, new / name)
        for name, content in changed.items():
            writer.put(name, content)
        listed = {name: writer.files.get(name, entry) for name, entry in reader.manifest["files"].items()}
        writer.put(MANIFEST, dump_json(dict(manifest) | {"files": listed}))
        path.rename(old)
        new.rename(path)
    except OSError as cause:
        if old.exists() and not path.exists():
            old.rename(path)
        raise StudyError(
            f"Nothing was erased: the study '{path}' cannot be written anew.",
            found=cause.strerror or type(cause).__name__,
            remedy="Make room, or make its folder writable; then run the same command again.",
        ) from cause
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old)


def _share(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)


def _finish_earlier(path: Path) -> None:
    """Finish an erasure that was stopped between its last two steps, and remove what it left."""
    for new in sorted(path.parent.glob(f".{path.name}.*.new")):
        if not path.exists() and (new / MANIFEST).is_file():
            new.rename(path)
    if path.exists():
        for left in [*path.parent.glob(f".{path.name}.*.new"), *path.parent.glob(f".{path.name}.*.old")]:
            shutil.rmtree(left, ignore_errors=True)
