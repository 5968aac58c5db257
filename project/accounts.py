"""Settings of accounts: signing in and up, e-mail, two steps, passkeys, sign-in at other servers.

Pages and ceremonies are django-allauth's; docs/accounts.md says what each of them does here.
"""

from project.env import data_folder, env
from project.security import TRUSTED_PROXIES

SIGN_UP = env.choice("PARLEY_SIGN_UP", "closed", "invitation", "open")  # invitation: by link

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
# Sessions name the first; the version before this one knows only that.
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",  # by e-mail address
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- e-mail: without a server it is put into a folder that only Parley can read ----------

_mail = env.email_url("EMAIL_URL", default=f"filemail:///{data_folder() / 'mail'}")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"] or None
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"] or "localhost", _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default="parley@localhost")

# --- signing in and up -------------------------------------------------------------------

ACCOUNT_ADAPTER = "chat.accounts.adapter.Accounts"
ACCOUNT_FORMS = {"login": "chat.accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = env.choice("EMAIL_VERIFICATION", "optional", "none", "mandatory")
ACCOUNT_SIGNUP_FIELDS = [
    "username*",
    "email*" if ACCOUNT_EMAIL_VERIFICATION == "mandatory" else "email",
    "password1*",
    "password2*",
]
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A guesser is slowed down by address and by name; the name's is no lower, or he could lock others out easily.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,10/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# --- two steps and passkeys: passkeys need https, or localhost -----------------------------

# Whoever sets the server up may do nothing with a cookie before there is a second step.
OPERATORS_TWO_STEPS = env.bool("PARLEY_OPERATORS_TWO_STEPS", default=False)
MFA_ADAPTER = "chat.accounts.adapter.TwoSteps"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # where no e-mail goes out, nobody could confirm an address
MFA_TOTP_ISSUER = "Parley"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds by which a clock may be wrong

# --- sign-in at another server that speaks OpenID Connect ----------------------------------

OIDC_ISSUER = env.str("OIDC_ISSUER", default="")  # without the /.well-known/… part
OIDC_SIGN_UP = env.bool("OIDC_SIGN_UP", default=True)  # whoever signs in there gets an account here
_OIDC = {
    "provider_id": "sso",
    "name": env.str("OIDC_NAME", default="Single sign-on"),
    "client_id": env.str("OIDC_CLIENT_ID", default=""),
    "secret": env.str("OIDC_CLIENT_SECRET", default=""),
    "settings": {"server_url": OIDC_ISSUER.rstrip("/")},
}
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [_OIDC] if OIDC_ISSUER else []}
}
SOCIALACCOUNT_ADAPTER = "chat.accounts.adapter.Elsewhere"
SOCIALACCOUNT_STORE_TOKENS = False
# `form-action 'self'` stops a form that leads to another server; the answer's `state` guards this one.
SOCIALACCOUNT_LOGIN_ON_GET = True
