"""How django-allauth is set up: what it does for us, and what is `chat.accounts`'."""

from typing import Any


def settings(*, sends_mail: bool) -> dict[str, Any]:
    """Where no mail is sent, no address can be proven."""
    return {
        "ACCOUNT_ADAPTER": "chat.accounts.AccountAdapter",
        "ACCOUNT_FORMS": {
            "add_email": "chat.accounts.forms.AddressForm",
            "change_password": "chat.accounts.forms.PasswordForm",
            "login": "chat.accounts.forms.SignInForm",
            "reset_password": "chat.accounts.forms.ForgottenPasswordForm",
            "signup": "chat.accounts.forms.SignUpForm",
        },
        "ACCOUNT_LOGIN_METHODS": {"username", "email"},
        "ACCOUNT_LOGOUT_REDIRECT_URL": "account_login",
        "ACCOUNT_RATE_LIMITS": RATES,
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "email", "password1*"],
        "MFA_ADAPTER": "chat.accounts.SecondFactorAdapter",
        "MFA_FORMS": {
            "authenticate": "chat.accounts.forms.CodeForm",
            "reauthenticate": "chat.accounts.forms.CodeAgainForm",
        },
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"],
        **_of_addresses(sends_mail),
    }


RATES = {
    # Guessing is held by chat/accounts/guard.py, and who asks for forms too often waits in
    # chatsite/page_pace.py: here one colleague could shut out all behind one address.
    "login": None,
    "login_failed": None,
    "reset_password": "20/m/ip,5/m/key,20/h/key",
    # Each change of who is in a room makes every process look again: nobody may do that all day.
    "rooms": "60/m/user",
    "signup": "60/m/ip",
}


def _of_addresses(sends_mail: bool) -> dict[str, Any]:
    return {
        # One an account, and one that is to take its place once it is proven.
        "ACCOUNT_CHANGE_EMAIL": True,
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        # Else anybody could have us write to anybody.
        "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
        "ACCOUNT_EMAIL_VERIFICATION": "optional" if sends_mail else "none",
        "ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR": (
            "django.contrib.auth.tokens.PasswordResetTokenGenerator"
        ),
        # One that somebody else has is accepted, and told to nobody but whose it is.
        "ACCOUNT_PREVENT_ENUMERATION": "strict",
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
    }
