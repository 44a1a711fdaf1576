"""What a study keeps about privacy and fairness: its purpose, who was left out, whom segments and offers stand for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from coterie.campaigns import told_purpose
from coterie.outputs.plain import to_plain
from coterie.outputs.worth import ten_digits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.campaigns import FairnessAudit, Offered, Proxy
    from coterie.config import Config
    from coterie.vocabulary import Finding

#: Tables that a study has where there are groups of people to look at.
TABLES = ("proxies", "offers")
NOT_SHOWN = "not shown: fewer than 10 customers, or a total would give them away"

_PROXY_NUMBERS = ("customers", "share", "elsewhere", "difference", "difference_low", "difference_high", "p_adjusted")
_OFFER_NUMBERS = ("chosen", "rate", "ratio", "ratio_low", "ratio_high", "p_adjusted")


def tables(audit: FairnessAudit | None) -> dict[str, pd.DataFrame]:
    """Give the tables of a check of fairness: none where nothing could be checked.

    `proxies`: one row an attribute, segment and group: its share of the segment's customers, of all others, and the
    difference with its 95 % interval. `offers`: one row an offer and group: how many would get it, and the ratio to the
    group that gets it most. Numbers of fewer than ten customers, and those that would give such a number away, are
    empty, and `note` says so.
    """
    if audit is None or audit.reason:
        return {}
    found = {"proxies": [row for proxy in audit.proxies for row in _standing_rows(proxy)]}
    found["offers"] = [_offer_row(offered) for offered in audit.offers]
    columns = {
        "proxies": ["attribute", "segment_id", "group", *_PROXY_NUMBERS, "note"],
        "offers": ["offer", "attribute", "group", "customers", *_OFFER_NUMBERS, "best", "alarm", "note"],
    }
    return {name: ten_digits(pd.DataFrame(rows, columns=columns[name])) for name, rows in found.items()}


def manifest(audit: FairnessAudit | None, config: Config, findings: Sequence[Finding]) -> dict[str, Any]:
    """Give what the study is for, whom it leaves out, what it may see, and the sentences of the check of fairness."""
    suppressed = [finding.count for finding in findings if finding.code == "suppressed"]
    entry: dict[str, Any] = {
        "purpose": told_purpose(config.privacy),
        "purpose_class": config.privacy.purpose_class,
        "suppressed": suppressed[0] if suppressed else None,
        "special": dict(config.sources.allow_special),
        "audit_only": list(config.sources.audit),
        "audit": None,
    }
    if audit is not None:
        entry["audit"] = {
            "reason": audit.reason,
            "attributes": [_attribute(proxy) for proxy in audit.proxies],
            "proxy_sentences": list(audit.proxy_sentences),
            "offer_sentences": list(audit.offer_sentences),
            "notes": list(audit.notes),
        }
    return entry


def _attribute(proxy: Proxy) -> dict[str, Any]:
    return {
        "name": proxy.name,
        "label": proxy.label,
        "origin": proxy.origin,
        "strength": to_plain(proxy.strength.estimate),
        "strength_low": to_plain(proxy.strength.low),
        "strength_high": to_plain(proxy.strength.high),
        "p_adjusted": to_plain(proxy.p_adjusted),
        "is_flagged": proxy.is_flagged,
        "judged": proxy.judged,
        "left_out": proxy.left_out if proxy.left_out >= 10 else None,
        "unknown": proxy.unknown if proxy.unknown >= 10 else None,
    }


def _standing_rows(proxy: Proxy) -> list[dict[str, Any]]:
    rows = []
    for standing in proxy.standings:
        row: dict[str, Any] = {
            "attribute": proxy.name,
            "segment_id": standing.segment_id,
            "group": standing.group,
            "customers": float(standing.customers),
            "share": standing.share,
            "elsewhere": standing.elsewhere,
            "difference": standing.difference.estimate,
            "difference_low": standing.difference.low,
            "difference_high": standing.difference.high,
            "p_adjusted": standing.p_adjusted,
            "note": NOT_SHOWN if standing.is_hidden else "",
        }
        rows.append(row | (dict.fromkeys(_PROXY_NUMBERS, math.nan) if standing.is_hidden else {}))
    return rows


def _offer_row(one: Offered) -> dict[str, Any]:
    row: dict[str, Any] = {
        "offer": one.offer,
        "attribute": one.attribute,
        "group": one.group,
        "customers": float(one.customers),
        "chosen": float(one.chosen),
        "rate": one.chosen / one.customers,
        "ratio": one.ratio.estimate,
        "ratio_low": one.ratio.low,
        "ratio_high": one.ratio.high,
        "p_adjusted": one.p_adjusted,
        "best": one.best,
        "alarm": one.is_alarm,
        "note": NOT_SHOWN if one.is_hidden else "",
    }
    return row | (dict.fromkeys(_OFFER_NUMBERS, math.nan) if one.is_hidden else {})
