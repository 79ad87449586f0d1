"""From which account of ours a currency is paid."""

from __future__ import annotations

from django.conf import settings

from config.kernel.refusals import Refused
from config.kernel.wording import said

from .credit_transfer import DebtorAccount


def debtor_account(currency: str) -> DebtorAccount:
    """Find the account of ours that pays this currency.

    :raises Refused: `no_account` where none is set up
    """
    account = settings.PAYOUT_ACCOUNTS.get(currency)
    if account is None:
        raise Refused(
            "no_account", said("No account of ours is set up to pay {currency} from.", currency=currency), "method"
        )
    return DebtorAccount(**account)
