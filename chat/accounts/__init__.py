"""How allauth behaves here."""

from chat.accounts.adapter import AccountAdapter
from chat.accounts.second_factor import SecondFactorAdapter

__all__ = ["AccountAdapter", "SecondFactorAdapter"]
