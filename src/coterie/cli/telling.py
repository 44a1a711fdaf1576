"""How `coterie check` tells what it found: as text for people, as a document for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from coterie.vocabulary import Severity, TableKind

if TYPE_CHECKING:
    from collections.abc import Set

    from coterie.pipeline import Understood
    from coterie.sources import TableReport
    from coterie.vocabulary import Finding

_MARKS = {Severity.STOP: ("✗", "red"), Severity.WARNING: ("!", "yellow"), Severity.NOTE: ("·", "dim")}
_ORDER = (Severity.STOP, Severity.WARNING, Severity.NOTE)


def tell_check(understood: Understood) -> None:
    """Print each table, the findings by severity, and the features."""
    console = Console()
    for table in understood.tables:
        console.print(_table(table, {feature.origin for feature in understood.customers.features.values()}))
    console.print(Text("What needs a look", style="bold"))
    findings = sorted(understood.findings, key=lambda finding: _ORDER.index(finding.severity))
    for finding in findings:
        console.print(_finding(finding))
    if not findings:
        console.print("  Nothing.")
    console.print()
    console.print(_features(understood))


def check_document(understood: Understood) -> dict[str, Any]:
    """Give the same as plain data."""
    basis = {feature.name for feature in understood.basis.features}
    return {
        "tables": [
            {
                "name": table.name,
                "kind": table.kind,
                "kind_evidence": table.kind_evidence,
                "roles": {
                    guess.role: {"column": guess.column, "confidence": guess.confidence, "evidence": guess.evidence}
                    for guess in table.guesses
                },
                "unused": list(table.unused),
                "formats": dict(table.formats),
                "casts": dict(table.casts),
                "rows": {"read": table.rows_read, "kept": table.rows_kept, "left_out": dict(table.rows_left_out)},
                "sha256": table.fingerprint,
            }
            for table in understood.tables
        ],
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "table": finding.table,
                "column": finding.column,
                "message": finding.message,
                "remedy": finding.remedy,
                "count": finding.count,
                "rows": list(finding.rows),
            }
            for finding in understood.findings
        ],
        "customers": len(understood.customers),
        "as_of": understood.customers.as_of.isoformat() if understood.customers.as_of else None,
        "features": [
            {
                "name": feature.name,
                "label": feature.label,
                "unit": feature.unit,
                "block": feature.block,
                "in_basis": feature.name in basis,
                "barred": feature.barred,
                "meaning": feature.meaning,
            }
            for feature in understood.customers.features.values()
        ],
    }


def _table(table: TableReport, origins: Set[str]) -> Group:
    head = Text.assemble((table.name, "bold"), f"  {table.kind.value} · {table.rows_read:,} rows")
    roles = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("Role", "Column", "Sure", "Because"):
        roles.add_column(title, overflow="fold")
    for guess in table.guesses:
        roles.add_row(guess.role, Text(guess.column), f"{guess.confidence:.0%}", Text(guess.evidence))
    lines: list[Any] = [
        head,
        Padding(Text(table.kind_evidence, style="dim"), (0, 0, 0, 2)),
        Padding(roles, (0, 0, 0, 2)),
    ]
    formats = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in table.formats.items())
    lines += [Padding(Text(f"Read as: {formats}", style="dim"), (0, 0, 0, 2))] if formats else []
    own = [column for column in table.unused if table.kind is TableKind.CUSTOMERS and column in origins]
    rest = [column for column in table.unused if column not in own]
    for title, columns in (("Features under their own names", own), ("Not used", rest)):
        lines += [Padding(Text(f"{title}: {', '.join(columns)}", style="dim"), (0, 0, 0, 2))] if columns else []
    lines.append(Padding(Text(f"{table.rows_kept:,} rows kept"), (0, 0, 0, 2)))
    lines += [
        Padding(Text(f"{rows:,} rows left out: {reason}"), (0, 0, 0, 2)) for reason, rows in table.rows_left_out.items()
    ]
    return Group(*lines, Text())


def _finding(finding: Finding) -> Text:
    mark, style = _MARKS[finding.severity]
    place = ", ".join(part for part in (finding.table, f"column '{finding.column}'" if finding.column else "") if part)
    text = Text.assemble((f"{mark} ", style), finding.message)
    if place:
        text.append(f" ({place})", style="dim")
    if finding.remedy:
        text.append(f"\n  {finding.remedy}", style="dim")
    return text


def _features(understood: Understood) -> Group:
    basis = {feature.name for feature in understood.basis.features}
    features = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("", "Feature", "What it is", "Side"):
        features.add_column(title, overflow="fold")
    for feature in understood.customers.features.values():
        note = f" (only describes: {feature.barred.value})" if feature.barred else ""
        mark = Text("●" if feature.name in basis else "", style="green")
        features.add_row(mark, Text(feature.name), Text(feature.label + note), feature.block.value)
    head = f"{len(understood.customers):,} customers, {len(understood.customers.features)} features"
    return Group(
        Text(head, style="bold"), Text("● = in the basis that segments would be built on", style="dim"), features
    )
