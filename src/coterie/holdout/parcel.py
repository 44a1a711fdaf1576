"""The test in time as plain bytes, so that a second process can make it: what it needs, and what it found."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from coterie.config import make_config
from coterie.holdout.earlier import Earlier
from coterie.holdout.results import Difference, Explained, Holdout, SegmentAfter
from coterie.holdout.split import Split
from coterie.vocabulary import Barred, Block, CustomerTable, Feature, Kind

if TYPE_CHECKING:
    import pandas as pd

    from coterie.beside import Message
    from coterie.config import Config

_DAYS = ("split_on", "until")


def pack(earlier: Earlier, config: Config) -> Message:
    """Put customers, outcomes and settings into a message.

    Notes
    -----
    Numbers keep every bit. The notes and families of the customer table, which the test does not use, stay behind.
    """
    customers = earlier.customers
    header = {
        "config": config.model_dump(mode="json"),
        "split": [day.isoformat() for day in dataclasses.astuple(earlier.split)],
        "features": [dataclasses.asdict(feature) for feature in customers.features.values()],
        "value": customers.value,
        "as_of": customers.as_of.isoformat() if customers.as_of else None,
        "currency": customers.currency,
        "n_known": earlier.n_known,
        "n_new": earlier.n_new,
        "new_spend_share": earlier.new_spend_share,
        "set_aside": earlier.set_aside,
    }
    return header, [_arrow(customers.frame), _arrow(earlier.outcomes)]


def unpack(header: dict[str, Any], blobs: list[bytes]) -> tuple[Earlier, Config]:
    """Take out of a message what `pack` put into it."""
    features = [_feature(data) for data in header["features"]]
    customers = CustomerTable(
        frame=_frame(blobs[0]),
        features={feature.name: feature for feature in features},
        value=header["value"],
        as_of=dt.date.fromisoformat(header["as_of"]) if header["as_of"] else None,
        currency=header["currency"],
    )
    earlier = Earlier(
        split=Split(*map(dt.date.fromisoformat, header["split"])),
        customers=customers,
        outcomes=_frame(blobs[1]),
        n_known=header["n_known"],
        n_new=header["n_new"],
        new_spend_share=header["new_spend_share"],
        set_aside=tuple(header["set_aside"]),
    )
    return earlier, make_config(header["config"])


def pack_found(found: Holdout) -> dict[str, Any]:
    """Put what was found into plain data."""
    return dataclasses.asdict(found) | {name: getattr(found, name).isoformat() for name in _DAYS}


def unpack_found(data: dict[str, Any]) -> Holdout:
    """Take out of plain data what `pack_found` put into it."""
    return Holdout(
        **(
            data
            | {name: dt.date.fromisoformat(data[name]) for name in _DAYS}
            | {
                "segments": tuple(SegmentAfter(**each) for each in data["segments"]),
                "explained": tuple(Explained(**each) for each in data["explained"]),
                "differences": tuple(Difference(**each) for each in data["differences"]),
                "notes": tuple(data["notes"]),
            }
        )
    )


def _feature(data: dict[str, Any]) -> Feature:
    typed = {
        "kind": Kind(data["kind"]),
        "block": Block(data["block"]),
        "barred": Barred(data["barred"]) if data["barred"] else None,
        "levels": tuple(data["levels"]),
    }
    return Feature(**(data | typed))


def _arrow(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame)
    objects = ",".join(str(place) for place, name in enumerate(frame.columns) if frame[name].dtype == object)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), b"objects": objects.encode()})
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()


def _frame(data: bytes) -> pd.DataFrame:
    table = pa.ipc.open_stream(data).read_all()
    frame: pd.DataFrame = table.to_pandas()
    for place in table.schema.metadata[b"objects"].decode().split(","):
        if place:
            name = frame.columns[int(place)]
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame
