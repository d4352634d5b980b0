"""How allauth behaves here."""

from chat.accounts.adapter import AccountAdapter, tell_old_address, who_signs_in_as
from chat.accounts.second_factor import SecondFactorAdapter

__all__ = ["AccountAdapter", "SecondFactorAdapter", "tell_old_address", "who_signs_in_as"]
