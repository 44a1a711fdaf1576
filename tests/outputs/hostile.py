"""Names that someone may type into a shop's form to do harm, or by accident."""

from __future__ import annotations

HOSTILE_NAMES = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=1">',
    '=HYPERLINK("http://evil.example","x")',
    "left\u202eright {{7*7}} $\\frac{",
    "long " + "x" * 10_000,
)
HOSTILE_CATEGORIES = ("</style><script>alert(1)</script>", "=1+2", "@SUM(A1)", "\u202egpj.exe", "日本語 😀", "</title>")
