"""The pages of the site: a front page that says where everything is, a sign-in that asks nothing, and the package's own."""

from urllib.parse import unquote

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, re_path
from django.views.static import serve


def front(request):
    page = (
        "<!doctype html><title>A blog</title>"
        '<link rel="micropub" href="/indieweb/micropub/">'
        '<link rel="indieauth-metadata" href="/indieweb/auth/metadata/">'
    )
    return HttpResponse(page)


def sign_in(request):
    """Stands for a person who types a password; what comes after it is the package's IndieAuth."""
    writer = get_user_model().objects.get(username="writer")
    login(request, writer, backend="django.contrib.auth.backends.ModelBackend")
    # The package does not encode the address it wants to come back to, so everything behind the name belongs to it.
    back = request.META["QUERY_STRING"].partition("next=")[2]
    return redirect(back if back.startswith("/") else unquote(back) or "/")


urlpatterns = [
    path("", front),
    path("login/", sign_in),
    path("indieweb/", include("indieweb.urls")),
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
]
