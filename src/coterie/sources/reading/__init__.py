"""Files and dataframes, whatever their dialect, become raw tables in the engine; nothing is understood yet."""

from coterie.sources.reading.inputs import read_input

__all__ = ["read_input"]
