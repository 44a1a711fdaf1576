"""What the segments are for: stated in every study, and refused where a decision about people has no reviewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.errors import ConfigError

if TYPE_CHECKING:
    from coterie.config import PrivacySettings

#: Kind of purpose -> how it is told.
_CLASSES = {
    "service": "service to customers (what they need to know or asked for)",
    "marketing": "marketing (whom to tell about what)",
    "price-or-eligibility": "prices, or who may have something",
}
DECIDES = "price-or-eligibility"


def refuse_unreviewed(privacy: PrivacySettings) -> None:
    """Refuse segments by which prices or eligibility are set unless a person is named who reviews the decisions.

    A score on which others strongly draw can itself be the automated decision that Article 22 of the General Data
    Protection Regulation forbids (Court of Justice of the European Union, C-634/21, 2023).

    Raises
    ------
    ConfigError
    """
    if privacy.purpose_class == DECIDES and not privacy.human_review.strip():
        raise ConfigError(
            "Segments by which prices are set, or who may have something, need a person who reviews each decision.",
            found="The purpose is 'price-or-eligibility' and no reviewer is named.",
            remedy="Name the person with --human-review NAME ([privacy] human_review), or choose another "
            "--purpose-class.",
        )


def told_purpose(privacy: PrivacySettings) -> str:
    """Say in a sentence or two what the segments are for, and who reviews what is decided with them."""
    kind = _CLASSES[privacy.purpose_class]
    stated = f"These segments are for {kind}."
    if privacy.purpose.strip():
        stated += f" In the words of whoever made the study: “{privacy.purpose.strip()}”."
    elif privacy.purpose_class == "marketing":
        stated += " Nobody stated a narrower purpose."
    if privacy.human_review.strip():
        stated += f" {privacy.human_review.strip()} reviews what is decided about a customer with them."
    return stated
