"""TikTok customer file: hashed or plain e-mails and phones under headers that say which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.campaigns.audiences.destination import Column, Destination, hashed, plainly

if TYPE_CHECKING:
    from coterie.campaigns.audiences.people import Form


class TikTok(Destination):
    """TikTok Ads customer file.

    TikTok's own pages disagree on phones: the newer asks for E.164 with +, an older one for digits alone. The form's
    `phone` decides.
    """

    name = "tiktok"
    title = "TikTok customer file"
    page = "https://ads.tiktok.com/help/article/list-of-supported-ids-and-formats-for-a-customer-file"
    fields = ("email", "phone")
    further = ("device",)
    hashes = True
    warn_below = 1000
    notes = ("TikTok needs about 1,000 people whom it can match before a list can be used.",)

    def columns(self, form: Form) -> tuple[Column, ...]:
        """Give e-mail, phone and device, those that may leave."""
        make, ending, grammar = (hashed, "_SHA256", "hash") if form.hashed else (plainly, "", "")
        email, device = make(normal_email), make(str.lower)
        digits = form.phone == "digits"
        phone = make(normal_digits if digits else str)
        how = "digits, without + and leading zeros" if digits else "with + and country code"
        listed = (
            Column(f"Email{ending}", "email", grammar or "e-mail", lambda p: email(p.email),
                   "lower case, without what follows a plus"),
            Column(f"Phone{ending}", "phone", grammar or ("digits" if digits else "phone"),
                   lambda p: phone(p.phone), how),
            Column(f"MAID{ending}", "device", grammar or "device", lambda p: device(p.device), "lower case"),
        )  # fmt: skip
        return tuple(column for column in listed if column.field in form.fields)


def normal_email(address: str) -> str:
    """Lower case, without what follows a plus.

    >>> normal_email("Ann+shop@Mail.com")
    'ann@mail.com'
    """
    left, at, right = address.strip().lower().rpartition("@")
    return f"{left.partition('+')[0]}{at}{right}"


def normal_digits(number: str) -> str:
    """Give the digits alone, without leading zeros."""
    return "".join(mark for mark in number if mark.isdigit()).lstrip("0")


DESTINATION = TikTok()
