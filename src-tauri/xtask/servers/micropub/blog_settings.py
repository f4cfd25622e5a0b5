"""A small site around django-indieweb: its Micropub, media and IndieAuth endpoints, with entries kept in memory."""

import os
from pathlib import Path

HERE = Path(os.environ["BLOG_DIR"])

SECRET_KEY = "only for tests"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "blog_urls"
USE_TZ = True
SITE_ID = 1
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "indieweb",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HERE / "blog.sqlite3"}}
MEDIA_ROOT = HERE / "media"
MEDIA_URL = "/media/"
LOGIN_URL = "/login/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 200 << 20
INDIEWEB_MICROPUB_HANDLER = "blog_settings.entries"
INDIEWEB_MEDIA_MAX_UPLOAD_BYTES = 64 << 20
INDIEWEB_MEDIA_MAX_UPLOAD_TOTAL_BYTES = 64 << 20
INDIEWEB_MEDIA_ALLOWED_TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4"]

_entries = None


def entries():
    """The store of all entries. The package makes a new one for every request, so one has to be shared."""
    global _entries
    if _entries is None:
        from indieweb.handlers import InMemoryMicropubHandler

        _entries = InMemoryMicropubHandler()
    return _entries
