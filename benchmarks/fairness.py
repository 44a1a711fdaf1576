"""How often the proxy audit warns: on noise, where it should not, and on leaks of known strength, where it should.

Rerun with `python benchmarks/fairness.py`; about three minutes on one core. Seeded; writes
`benchmarks/results/fairness.json`. A study has three attributes (age in six bands, gender in two, region in twelve) and
six segments of unequal size. Noise: all three are drawn regardless of the segment. Leak: gender follows the segment so
that Cramér's V has the given strength in the population; the two others stay noise.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from coterie.campaigns.fairness.groups import FEWEST, Attribute
from coterie.campaigns.fairness.proxies import audit_proxies

RESULTS = Path(__file__).parent / "results" / "fairness.json"
SEGMENTS = np.array([0.30, 0.25, 0.20, 0.12, 0.08, 0.05])
GROUPS = {
    "age": np.array([0.10, 0.22, 0.25, 0.20, 0.13, 0.10]),
    "gender": np.array([0.6, 0.4]),
    "region": np.array([0.25, 0.15, 0.12, 0.1, 0.08, 0.07, 0.06, 0.05, 0.04, 0.03, 0.03, 0.02]),
}
STUDIES = 2000
SIZES = (200, 500, 1000, 3000, 20_000)
STRENGTHS = (0.05, 0.1, 0.15, 0.2, 0.3)


def attribute(name: str, codes: np.ndarray, groups: int) -> Attribute:
    """Groups as the audit takes them: those of fewer than 30 customers are not judged."""
    sizes = np.bincount(codes, minlength=groups)
    large = np.flatnonzero(sizes >= FEWEST)
    new = np.full(groups, -1)
    new[large] = np.arange(len(large))
    names = tuple(f"{name} {place}" for place in large)
    return Attribute(name, name, names, new[codes], int(sizes.sum() - sizes[large].sum()), 0, "described")


def leaking(segments: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Draw a gender whose share differs between the segments so that Cramér's V is `strength`."""
    share = GROUPS["gender"][0]
    signs = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    centred = signs - (SEGMENTS * signs).sum()
    spread = np.sqrt((SEGMENTS * centred**2).sum())
    shares = share + strength * np.sqrt(share * (1 - share)) * centred / spread
    return (rng.random(len(segments)) >= shares[segments]).astype(int)


def warned(n: int, seed: int, strength: float = 0.0) -> tuple[bool, bool]:
    """Whether one study warns of gender, and of one of the attributes that are noise."""
    rng = np.random.default_rng([n, seed, round(1000 * strength)])
    segments = rng.choice(len(SEGMENTS), size=n, p=SEGMENTS)
    codes = {name: rng.choice(len(shares), size=n, p=shares) for name, shares in GROUPS.items()}
    if strength:
        codes["gender"] = leaking(segments, strength, rng)
    found = audit_proxies([attribute(name, codes[name], len(GROUPS[name])) for name in GROUPS], segments)
    flags = {proxy.name: proxy.is_flagged for proxy in found}
    noise = [flag for name, flag in flags.items() if not strength or name != "gender"]
    return flags["gender"], any(noise)


def main() -> None:
    """Count the warnings and write them."""
    noise = {n: float(np.mean([warned(n, seed)[1] for seed in range(STUDIES)])) for n in SIZES}
    leaks = {
        n: {v: float(np.mean([warned(n, seed, v)[0] for seed in range(STUDIES // 10)])) for v in STRENGTHS}
        for n in SIZES
    }
    found = {"studies": STUDIES, "warned_on_noise": noise, "warned_on_leak": leaks}
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
